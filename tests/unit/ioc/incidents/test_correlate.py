"""Which alarms are one incident."""

from ioc.incidents.correlate import incident_key
from tests.fakes.things import alarm, source


def test_two_rules_of_one_category_at_one_source_are_one_incident() -> None:
    assert incident_key(alarm(1, key="a")) == incident_key(alarm(2, key="b", property="rate"))


def test_another_category_or_another_source_is_another_incident() -> None:
    keys = {incident_key(alarm()), incident_key(alarm(category="rain")), incident_key(alarm(source=source("gauge-2")))}
    assert len(keys) == 3
