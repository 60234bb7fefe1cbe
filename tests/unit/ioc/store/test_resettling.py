"""What hangs on devices that moved, and what works for a centre, in sets."""

import uuid

import asyncpg

from ioc.access.scope import EVERYTHING
from ioc.store import registry, resettling
from ioc.store.database import Database
from ioc.store.resettling import Placing
from tests.fakes import things
from tests.fakes.things import AI_NGHIA, NOW

BEFORE, AFTER = "20500@2025-07-01", "20506@2025-07-01"


async def test_what_is_newest_of_a_device_follows_and_the_way_back_ends_its_former_topic(
    database: Database, admin: asyncpg.Connection
) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        one = things.device("gauge", centre="dai-loc", area=BEFORE, position=AI_NGHIA)
        await registry.put_device(transaction, one, kind="x", approximate=False, note="", now=NOW)
    stream = await admin.fetchval(
        "insert into streams (centre, device, property, unit) values ('dai-loc', 'gauge', 'l', 'm') returning id"
    )
    await admin.execute(
        "insert into latest values ($1, 'dai-loc', $2, $3, $3, $3, 1, 0, false)", stream, BEFORE, NOW
    )  # fmt: skip
    async with database.transaction(EVERYTHING) as transaction:
        [found] = await resettling.standing(transaction, centre="dai-loc")
        there = Placing(before=found, centre="hoi-an", area=AFTER)
        await resettling.follow(transaction, [there], NOW)
    assert tuple(
        await admin.fetchrow("select s.centre, l.centre, l.area from latest l join streams s on s.id = l.stream")
    ) == ("hoi-an", "hoi-an", AFTER)
    assert await admin.fetchval("select array_agg(centre) from former_topics") == ["dai-loc"]
    async with database.transaction(EVERYTHING) as transaction:
        moved = resettling.Standing(
            subject="device", code="gauge", name="x", centre="hoi-an", area=AFTER, position=AI_NGHIA
        )
        await resettling.follow(transaction, [Placing(before=moved, centre="dai-loc", area=BEFORE)], NOW)
        await resettling.follow(transaction, [], NOW)
    assert await admin.fetchval("select array_agg(centre) from former_topics") == ["hoi-an"]


async def test_what_works_for_a_centre_is_counted(database: Database, admin: asyncpg.Connection) -> None:
    await admin.execute("insert into teams values ('roads', 'truc', 'tam-ky', '', 'Trực', '{}', 1, now())")
    async with database.transaction(EVERYTHING) as transaction:
        counts = await resettling.rename_centre(transaction, "tam-ky", "hoi-an")
        assert (counts["teams"], counts["areas"], counts["accounts"]) == (1, 5, 0)
        assert await resettling.silences_of(transaction, "tam-ky", NOW) == []
        assert await resettling.live_tickets(transaction, centre="tam-ky") == []
        await resettling.turn_silence(transaction, uuid.uuid4(), [AFTER])
    assert await admin.fetchval("select count(*) from centre_areas where centre = 'tam-ky'") == 0
