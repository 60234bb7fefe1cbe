"""A network server's uplinks from the register to the rows: kept once, under the right device, in its units."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from ioc.access.scope import EVERYTHING
from ioc.catalogue import profiles
from ioc.demo.registry import registry as demo_registry
from ioc.register import Register
from ioc.store import registry
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from sensors.codecs.table import codecs, scripts_in
from sensors.decoder import Decoder
from sensors.intake import Message
from tests.fakes.lorawan import chirpstack, tts
from tests.fakes.things import NOW, device


@pytest.fixture
async def heard(database: Database) -> AsyncIterator[Any]:
    """Feed messages to the decoder and the store, with the demo's gateways in the register."""
    async with database.transaction(EVERYTHING) as transaction:
        for gateway in demo_registry().gateways:
            await registry.put_centre(transaction, gateway.centre, "C", "C", "district", [gateway.area])
        for about, speaks in demo_registry().everything():
            if speaks is None and about.code not in {one.code for one in demo_registry().gateways}:
                continue
            thing = device(about.code, about.profile, about.centre, about.area)
            thing = msgspec.structs.replace(thing, gateway=speaks)
            await registry.put_device(transaction, thing, kind="x", approximate=False, note="", now=NOW)
    with scripts_in(Path("nowhere")) as scripts:
        async with Register.open(database, profiles()) as register:
            known = codecs(scripts)
            decoder = Decoder(register.devices, known.own, known.gateways)
            store = ObservationStore(database, register.owners, register.unit_of)

            async def feed(topic: str, *messages: dict[str, Any]) -> None:
                sent = [Message(topic, json.dumps(one).encode(), 1, 1, False) for one in messages]
                await store.keep(decoder.decode(sent, NOW))

            yield feed


TTS = "ioc/v1/tam-ky/gw-tts-tam-ky/in/v3/quang-nam@ioc/devices/lora-water-tam-ky/up"
WATER = {"end_device_ids": {"device_id": "lora-water-tam-ky", "dev_eui": "0000000000000001"}}
BIN = {"end_device_ids": {"device_id": "bin-7", "dev_eui": "70B3D57ED0061A2B"}}


async def test_a_frame_that_is_delivered_twice_is_kept_once(heard: Any, admin: asyncpg.Connection) -> None:
    await heard(TTS, tts() | WATER, tts() | WATER | {"received_at": "2026-11-22T00:59:59Z"})
    rows = await admin.fetch("select * from outside.kept order by property")
    assert [(row["property"], round(row["value"], 3), row["run"], row["seq"]) for row in rows] == [
        ("battery", 3.168, "AYfg8rhha5n+FWx0ZaAprA==", 41),
        ("water_depth", 4.232, "AYfg8rhha5n+FWx0ZaAprA==", 41),
        ("water_temperature", 12.9, "AYfg8rhha5n+FWx0ZaAprA==", 41),
    ]
    assert {row["unit"] for row in await admin.fetch("select unit from streams")} == {"V", "m", "°C"}


async def test_a_device_is_found_by_its_eui_and_by_its_name(heard: Any, admin: asyncpg.Connection) -> None:
    await heard(TTS, tts(bytes.fromhex("800001011107d000190000000000000081"), f_port=3) | BIN)
    event = chirpstack(b"\x01", deviceInfo={"deviceName": "lora-parking-hoi-an", "devEui": "ff"})
    await heard("ioc/v1/hoi-an/gw-chirpstack-hoi-an/in/application/1/device/ff/event/up", event)
    rows = await admin.fetch("select distinct device, centre from outside.kept order by device")
    assert [tuple(row) for row in rows] == [("eui-70b3d57ed0061a2b", "tam-ky"), ("lora-parking-hoi-an", "hoi-an")]


async def test_a_gateway_speaks_for_no_device_but_its_own(heard: Any, admin: asyncpg.Connection) -> None:
    foreign = tts(decoded_payload={"occupied": 1}) | {"end_device_ids": {"device_id": "lora-parking-hoi-an"}}
    await heard(TTS, foreign)
    letter = await admin.fetchrow("select code, source, centre from dead_letters")
    assert letter is not None
    assert tuple(letter) == ("unknown_device", "gw-tts-tam-ky", "tam-ky")
    assert await admin.fetchval("select count(*) from readings") == 0


async def test_a_foolish_date_is_quarantined_with_its_skew_and_blocks_nothing_later(
    heard: Any, admin: asyncpg.Connection
) -> None:
    await heard(TTS, *(tts(received_at=at) | WATER for at in ("2100-01-01T00:00:00Z", "1970-01-01T00:00:00Z")))
    await heard(TTS, tts() | WATER)
    skews = [
        row["skew_s"] for row in await admin.fetch("select skew_s from dead_letters where code = 'date' order by id")
    ]
    assert [skew > 0 for skew in skews] == [True, False]
    assert min(map(abs, skews)) > 2e9 / 2
    assert await admin.fetchval("select count(*) from readings") == 3
