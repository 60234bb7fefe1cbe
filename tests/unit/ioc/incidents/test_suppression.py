"""What a parent that is down explains, and what it never does."""

import datetime as dt

import pytest

from ioc import catalogue
from ioc.incidents.outage import Condition
from ioc.incidents.suppression import TOLD_LATER, Lineage, explained, is_parent, keys, parents, taken_over
from tests.fakes.things import NOW, alarm, source

POLICY = catalogue.policy()
LOST = {"category": "device", "source_kind": "system", "property": "device"}


def test_the_nearest_parent_is_asked_first() -> None:
    found = parents(alarm(**LOST), Lineage(gateway="gw"))
    assert found == [Condition("gateway", "gw"), Condition("centre", "quang-nam")]
    camera = alarm(category="camera", source_kind="system", property="camera", source=source("cam"))
    assert parents(camera, Lineage(link="fibre"))[0] == Condition("camera-link", "fibre")
    assert parents(camera, Lineage())[0] == Condition("camera-link", "quang-nam")


def test_a_parent_is_not_its_own() -> None:
    itself = alarm(category="device", source_kind="system", property="centre", source=source("quang-nam"))
    assert parents(itself, Lineage()) == []
    assert is_parent(itself)
    assert not is_parent(alarm(**LOST))


@pytest.mark.parametrize(
    ("about", "can"),
    [
        (LOST, True),
        ({"category": "camera", "source_kind": "sensor", "property": "silence"}, True),
        ({"category": "flood"}, False),
        ({"category": "traffic", "source_kind": "camera"}, False),
        ({"category": "device", "source_kind": "system", "property": "centre"}, False),
        ({"category": "intake", "source_kind": "system", "property": "spool"}, False),
    ],
)
def test_what_is_measured_or_seen_is_never_held_back(about: dict[str, str], can: bool) -> None:
    assert explained(alarm(**about), POLICY) is can


def test_a_parent_that_is_told_five_minutes_later_takes_over_and_no_older_child() -> None:
    parent = alarm(raised_at=NOW + TOLD_LATER)
    assert taken_over(parent, alarm(raised_at=NOW))
    assert not taken_over(parent, alarm(raised_at=NOW - dt.timedelta(seconds=1)))


def test_losses_are_looked_for_under_the_keys_of_the_rules_that_tell_them() -> None:
    rules = {rule.system: rule for rule in catalogue.rules(demo=False) if rule.system}
    gateway = Condition("gateway", "gw")
    assert keys([gateway], rules) == {"system/gateway-lost:gw:gateway": gateway}
    assert keys([gateway], {}) == {}
