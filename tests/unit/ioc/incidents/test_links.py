"""What the intakes say of themselves becomes a condition only when it lasts, and figures may be absent."""

import datetime as dt
from typing import Any

from ioc import catalogue
from ioc.incidents.links import Links
from tests.fakes.things import NOW

RULES = {rule.system: rule for rule in catalogue.rules(demo=False) if rule.system}


def judged(links: Links, second: float, figures: Any, *holding: str, takes: bool = True) -> set[str]:
    return set(links.judge(figures, takes, NOW + dt.timedelta(seconds=second), holding))


def test_without_figures_nothing_is_said() -> None:
    links = Links(RULES)
    assert judged(links, 0, []) == judged(links, 999, [{"ready": True, "note": "x"}]) == set()


def test_a_rise_of_the_broker_s_counter_is_told_for_ten_minutes() -> None:
    links = Links(RULES)
    assert judged(links, 0, [{"broker_dropped": 7}]) == set()
    assert judged(links, 6, [{"broker_dropped": 9}, {"broker_dropped": 9}]) == {"drops"}
    assert judged(links, 605, [{"broker_dropped": 9}], "drops") == {"drops"}
    assert judged(links, 606, [{"broker_dropped": 9}], "drops") == set()


def test_a_broker_that_counts_anew_has_dropped_nothing() -> None:
    links = Links(RULES)
    assert judged(links, 0, [{"dropped": 7}]) == judged(links, 6, [{"dropped": 0}]) == set()
    assert judged(links, 12, [{"dropped": 1}]) == {"drops"}


def test_a_desk_that_begins_anew_lets_a_drop_that_was_told_run_out() -> None:
    links = Links(RULES)
    assert judged(links, 0, [{"dropped": 7}], "drops") == {"drops"}
    assert judged(links, 600, [{"dropped": 7}], "drops") == set()


def test_spooling_is_told_when_it_lasts_and_until_the_spool_is_empty() -> None:
    links = Links(RULES)
    assert judged(links, 0, [{"spool_bytes": 5}]) == judged(links, 59, [{"spool_bytes": 5}]) == set()
    assert judged(links, 60, [{"spool_bytes": 5}, {"spool_bytes": 2}]) == {"spool"}
    assert judged(links, 61, [{"spool_bytes": 0}], "spool") == set()
    assert judged(links, 62, [{"spool_bytes": 5}]) == set()


def test_an_intake_that_takes_nothing_is_told_after_two_minutes() -> None:
    links = Links(RULES)
    assert judged(links, 0, [], takes=False) == set()
    assert judged(links, 120, [], takes=False) == {"intake"}
    assert judged(links, 121, [{"acknowledging": 1}], "intake") == set()
    assert judged(links, 200, [{"acknowledging": 0}]) == set()
    assert judged(links, 320, [{"acknowledging": 0}]) == {"intake"}


def test_without_a_rule_nothing_is_told() -> None:
    links = Links({})
    assert judged(links, 0, [{"dropped": 1, "spool_bytes": 9}], takes=False) == set()
    assert judged(links, 999, [{"dropped": 2, "spool_bytes": 9}], takes=False) == set()
