"""In memory the same alarms come of the same values as the desk raises; and they give way to what is saved."""

import datetime as dt
import os
import random
import uuid
from zoneinfo import ZoneInfo

import msgspec

from gis.areas import AreaIndex
from gis.observation import Quality
from ioc.access.scope import EVERYTHING
from ioc.desk import Desk
from ioc.docket import Docket
from ioc.incidents.alarm import Alarm
from ioc.incidents.conditions import Needs, Window
from ioc.incidents.order import Memory
from ioc.incidents.rules import Pending, Rule, key_of
from ioc.provisional import Provisional, provisional_id
from ioc.store import alarms as kept
from ioc.store import journal, rule_states
from ioc.store.database import Database
from tests.fakes.things import NOW, alarm, going_on, reading, rule, sighting, source

LEVEL = rule()
WAITING = rule(code="waiting", for_s=90)
LOITERING = rule(code="l", sighting="loitering", severity="moderate", hold_s=60)
GATE = rule(code="gate", sighting="zone_entered", hold_s=60)
RULES = (LEVEL, WAITING, GATE)
SOURCES = {code: source(code) for code in ("gauge-a", "gauge-b", "gauge-c", "cam-a")}
KEY = key_of(LEVEL, "gauge-a", "water_level")


def judging(*held: Alarm, rules: tuple[Rule, ...] = (LEVEL, GATE, LOITERING), **memories: Memory) -> Provisional:
    judge = Provisional(rules, lambda: SOURCES, lambda code: "river-gauge" if code.startswith("gauge") else "")
    judge.know(held, memories)
    judge.begin()
    return judge


def saved(severity: str = "moderate", **changed: object) -> Alarm:
    return alarm(key=KEY, severity=severity, source=source("gauge-a"), **changed)


def after(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def level(judge: Provisional, value: float, seconds: float, **changed: object) -> None:
    """The gauge reads so many seconds after now; it arrives at once."""
    at = after(seconds)
    judge.take([reading(value, at=at, source="gauge-a", **changed)], at)  # type: ignore[arg-type]


def shown(judge: Provisional) -> list[tuple[str, str, bool]]:
    return [(one.key, one.severity, one.cleared_at is None) for one in judge.shown()]


async def test_it_says_at_every_value_what_the_desk_says(database: Database, area_index: AreaIndex) -> None:
    """Two hundred values of three gauges; half of them come before PostgreSQL goes away."""
    chance, now = random.Random(4), NOW
    profile = lambda code: "river-gauge" if code.startswith("gauge") else ""  # noqa: E731
    docket = Docket(RULES, area_index, ZoneInfo("Asia/Ho_Chi_Minh"), os.urandom)
    desk = Desk(database, RULES, lambda: SOURCES, docket, profile_of=profile, now=lambda: now, entropy=os.urandom)
    judge = Provisional(RULES, lambda: SOURCES, profile)
    differed = 0
    for number in range(200):
        now += dt.timedelta(seconds=chance.choice([5, 30, 60]))
        value, quality = chance.uniform(0, 8), chance.choice([Quality.GOOD, Quality.GOOD, Quality.FAULT])
        batch = [reading(value, at=now, seq=number, source=f"gauge-{chance.choice('abc')}", quality=quality)]
        async with database.transaction(EVERYTHING) as transaction:
            await journal.append(transaction, list(batch), now)
        await desk.turn()
        async with database.transaction(EVERYTHING, read_only=True) as transaction:
            truth = await kept.open_alarms(transaction)
            memories = await rule_states.load_waits(transaction)
        if number < 100:
            before = {one.key: one.severity for one in truth}
            judge.know(truth, memories)
            judge.begin()
            continue
        judge.take(batch, now)
        told = {one.key: one.severity if one.cleared_at is None else None for one in judge.shown()}
        differed += bool(told)
        assert {key: severity for key, severity in {**before, **told}.items() if severity} == {
            one.key: one.severity for one in truth
        }
    assert differed > 50


def test_raised_worse_and_over() -> None:
    judge = judging()
    level(judge, 1.0, 1)
    assert shown(judge) == []
    level(judge, 2.5, 2)
    assert shown(judge) == [(KEY, "moderate", True)]
    first = next(iter(judge.shown()))
    level(judge, 2.6, 3)
    assert list(judge.shown()) == [first]
    level(judge, 4.5, 4)
    assert shown(judge) == [(KEY, "severe", True)]
    again = next(iter(judge.shown()))
    assert (again.id, again.raised_at, again.evidence["value"]) == (first.id, first.raised_at, 4.5)
    level(judge, 0.0, 5)
    assert shown(judge) == []


def test_an_id_is_that_of_a_key_and_a_beginning_in_every_process() -> None:
    name = provisional_id(KEY, NOW)
    assert uuid.UUID(name).version == 7
    assert name == provisional_id(KEY, NOW)
    assert name not in (provisional_id(KEY, after(1)), provisional_id("k", NOW))


def test_a_saved_alarm_that_changes_is_shown_and_one_that_goes_on_is_not() -> None:
    judge = judging(saved())
    level(judge, 2.5, 1)
    assert shown(judge) == []
    level(judge, 6.5, 2)
    assert shown(judge) == [(KEY, "extreme", True)]
    level(judge, 0.0, 3)
    assert shown(judge) == [(KEY, "extreme", False)]
    told = next(iter(judge.shown()))
    assert (told.id, told.incident) == (provisional_id(KEY, NOW), None)


def test_a_saved_wait_goes_on() -> None:
    key = key_of(WAITING, "gauge-a", "water_level")
    judge = judging(rules=(WAITING,), **{key: Memory(pending=Pending(NOW, "moderate"), newest=NOW)})
    level(judge, 2.5, 89)
    assert shown(judge) == []
    level(judge, 2.5, 90)
    assert shown(judge) == [(key, "moderate", True)]


def test_what_is_saved_takes_the_place_of_what_was_provisional() -> None:
    judge = judging()
    level(judge, 2.5, 1.000999)
    assert shown(judge) == [(KEY, "moderate", True)]
    judge.settle(saved(seen_at=after(1)))  # features tell milliseconds
    assert shown(judge) == []
    level(judge, 4.5, 2)
    judge.settle(saved(seen_at=after(1.5)))
    assert shown(judge) == [(KEY, "severe", True)]  # of a later value
    judge.settle(saved("severe", seen_at=after(2)))
    assert shown(judge) == []
    level(judge, 0.0, 3)
    assert shown(judge) == [(KEY, "severe", False)]
    judge.settle(saved("severe", seen_at=after(3), cleared_at=after(3)))
    assert shown(judge) == []


def test_what_the_log_repeats_of_before_changes_nothing() -> None:
    judge = judging(saved("severe", seen_at=after(5)))
    judge.settle(saved("moderate", seen_at=after(1)))
    level(judge, 4.5, 6)
    assert shown(judge) == []


def test_late_values_bad_ones_and_strangers_are_left_to_the_desk() -> None:
    judge = judging()
    level(judge, 1.0, 10)
    level(judge, 7.0, 9)
    level(judge, 7.0, 11, quality=Quality.FAULT)
    judge.take([reading(9.0, source="gauge-new", at=after(12)), sighting(source="cam-new")], after(12))
    assert shown(judge) == []


def test_a_camera_raises_and_silence_ends_what_it_raised_here() -> None:
    judge = judging()
    key = key_of(GATE, "cam-a", "gate")
    judge.take([sighting()], NOW)
    judge.take([sighting(2, at=after(10))], after(10))
    assert shown(judge) == [(key, "minor", True)]
    judge.hush(after(69))
    assert shown(judge) == [(key, "minor", True)]
    judge.hush(after(70))
    assert shown(judge) == []
    held = alarm(key=key, rule=GATE.name, severity="minor", source_kind="camera", source=source("cam-a"))
    judge = judging(held)
    judge.hush(after(1000))
    assert shown(judge) == []


def test_a_late_sighting_opens_nothing() -> None:
    judge = judging()
    key = key_of(GATE, "cam-a", "gate")
    over = alarm(key=key, source_kind="camera", seen_at=after(5), cleared_at=after(5))
    judge.settle(over)
    judge.take([sighting(at=after(4))], after(6))
    assert shown(judge) == []
    judge.take([sighting(at=after(6))], after(6))
    assert shown(judge) == [(key, "minor", True)]


def test_what_goes_on_is_shown_until_its_end_or_its_silence() -> None:
    judge = judging()
    key = key_of(LOITERING, "cam-a", "gate")
    judge.take([going_on("start", 10, seq=1)], after(10))
    judge.hush(after(69))
    assert shown(judge) == [(key, "moderate", True)]
    judge.take([going_on("update", 60, seq=2)], after(69))
    judge.hush(after(119))
    assert shown(judge) == [(key, "moderate", True)]
    judge.take([going_on("end", 61, seq=3)], after(119))
    assert shown(judge) == []
    judge.take([going_on("start", 200, seq=4, life=2)], after(200))
    judge.hush(after(260))
    assert shown(judge) == []


def test_the_centres_own_alarms_are_none_of_its() -> None:
    judge = judging(msgspec.structs.replace(saved(), source_kind="system"))
    level(judge, 2.5, 1)
    assert shown(judge) == [(KEY, "moderate", True)]


SUM = rule(code="sum", window=Window(kind="sum", hours=1), levels={"moderate": 10.0}, clear_margin=1.0)
WET = rule(code="wet", quiet=True, levels={"minor": 4.0})
BOTH = rule(code="both", needs=Needs(rules=("wet", "sum"), metres=100, minutes=10), severity="severe")


def test_windows_and_other_rules_are_judged_only_when_every_value_comes() -> None:
    for whole, told in ((False, []), (True, ["test/both", "test/sum"])):
        judge = Provisional((SUM, WET, BOTH), lambda: SOURCES, lambda code: "river-gauge", whole=whole)
        judge.know([], {})
        judge.begin()
        level(judge, 4.0, 0)
        assert shown(judge) == []
        level(judge, 7.0, 60, seq=2)
        assert sorted(key.partition(":")[0] for key, _, _ in shown(judge)) == told


def test_what_held_at_a_place_ends_by_itself_when_every_value_comes() -> None:
    judge = Provisional((SUM, WET, BOTH), lambda: SOURCES, lambda code: "river-gauge", whole=True)
    judge.know([], {})
    judge.begin()
    made: list[Alarm] = []
    write = judge._write
    judge._write = lambda after: (made.append(after), write(after))[1]  # type: ignore[method-assign]
    for number, (value, second) in enumerate(((4.0, 0), (7.0, 60), (1.0, 120), (1.0, 130))):
        level(judge, value, second, seq=number)
    judge.judge_places(after(719))
    assert [one.cleared_at for one in made if one.rule == "test/both@1"][-1] is None
    judge.judge_places(after(720))
    assert [one.cleared_at for one in made if one.rule == "test/both@1"][-1] == after(720)
