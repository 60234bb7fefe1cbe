"""Earlier raises are found by their keys, and what is calm again by the time."""

import datetime as dt

from ioc.access.scope import EVERYTHING
from ioc.incidents.flapping import Flap, flap_of, named
from ioc.store import alarms as kept_alarms
from ioc.store import flaps
from ioc.store import incidents as kept
from ioc.store.database import Database
from tests.fakes.things import NOW, alarm
from tests.unit.ioc.store.test_incidents import ID, one


def at(minutes: float) -> dt.datetime:
    return NOW + dt.timedelta(minutes=minutes)


async def test_the_fourth_raise_of_a_key_is_named_by_what_is_kept(database: Database) -> None:
    past = [
        alarm(number, key="k", raised_at=at(10 * number), seen_at=at(10 * number), cleared_at=at(10 * number + 1))
        for number in (1, 2, 3)
    ]
    other = alarm(7, key="other", raised_at=at(1), cleared_at=at(2))
    gone = alarm(8, key="x", raised_at=at(1), cleared_at=at(1), evidence={"withdrawn": True})
    fresh = alarm(9, key="k", raised_at=at(40), seen_at=at(40))
    async with database.transaction(EVERYTHING) as transaction:
        await kept_alarms.save_alarms(transaction, [*past, other, gone])
        assert await flaps.named(transaction, []) == []
        [found] = await flaps.named(transaction, [fresh])
        assert flap_of(found.evidence) == Flap(4, at(10), at(100))
        await kept_alarms.save_alarms(transaction, [found])
        [late] = await flaps.named(transaction, [alarm(10, key="k", raised_at=at(90))])
        assert flap_of(late.evidence) == Flap(5, at(10), at(150))
        for key in ("other", "x", "new"):
            [calm] = await flaps.named(transaction, [alarm(11, key=key, raised_at=at(40))])
            assert flap_of(calm.evidence) is None
        said = alarm(12, key="k", raised_at=at(41), source_kind="citizen")
        assert await flaps.named(transaction, [said]) == [said]


async def test_an_open_incident_is_told_when_its_alarm_is_calm_again(database: Database) -> None:
    flapped = named(alarm(incident=ID, cleared_at=at(5)), Flap(4, at(0), at(60)))
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incident(transaction, one(), None)
        await kept_alarms.save_alarms(transaction, [flapped])
        assert await flaps.calm(transaction, at(0), at(59)) == []
        assert await flaps.calm(transaction, at(59), at(60)) == [ID]
        assert await flaps.calm(transaction, at(60), at(61)) == []
        await kept.save_incident(transaction, one(status="resolved"), None)
        assert await flaps.calm(transaction, at(59), at(60)) == []
