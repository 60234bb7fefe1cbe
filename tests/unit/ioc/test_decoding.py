"""What is not in use says nothing that counts, and nothing of it is lost."""

from collections.abc import AsyncIterator

import pytest

from ioc.access.scope import EVERYTHING
from ioc.catalogue import profiles
from ioc.decoding import decoder_of
from ioc.register import Register
from ioc.store import registry
from ioc.store.database import Database
from ioc.store.registry import CameraRow
from sensors.codecs.table import codecs, scripts_in
from sensors.decoder import Decoder
from sensors.intake import Batch, Message
from tests.fakes.things import AI_NGHIA, NOW, device

READING = b'{"at":"2026-11-22T00:59:00Z","run":"r","seq":1,"values":{"water_level":3.5}}'


def camera(code: str, **settings: object) -> CameraRow:
    return CameraRow(
        code=code, centre="quang-nam", area="20335@2025-07-01", name=code, kind="street", position=AI_NGHIA,
        bearing=None, fov=None, settings=settings,
    )  # fmt: skip


@pytest.fixture
async def register(database: Database) -> AsyncIterator[Register]:
    """A gauge, a recorder with a camera, and a camera that speaks for itself."""
    async with database.transaction(EVERYTHING) as transaction:
        for one in (device(), device("nvr", profile="recorder-frigate")):
            await registry.put_device(transaction, one, kind="k", approximate=False, note="", now=NOW)
        for row in (camera("cam-nvr", gateway="nvr"), camera("cam-own", codec="onvif-ej")):
            await registry.put_camera(transaction, row, "", NOW)
    async with Register.open(database, profiles()) as found:
        yield found


async def is_now(register: Register, database: Database, table: str, code: str, lifecycle: str) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await transaction.connection.execute(f"update {table} set lifecycle = $1 where code = $2", lifecycle, code)
    await register.read()


def heard(decoder: Decoder, topic: str, payload: bytes) -> Batch:
    return decoder.decode([Message(f"ioc/v1/quang-nam/{topic}", payload, 1, 1, False)], NOW)


@pytest.mark.parametrize(
    ("lifecycle", "until"),
    [
        ("draft", "approve it and put it in use"),
        ("approved", "put it in use"),
        ("suspended", "resume it"),
        ("retired", "approve it again and put it in use"),
    ],
)
async def test_a_device_that_is_not_in_use_leaves_a_dead_letter_that_says_so(
    register: Register, database: Database, lifecycle: str, until: str
) -> None:
    with scripts_in() as scripts:
        decoder = decoder_of(register, codecs(scripts))
        assert len(heard(decoder, "gauge-ai-nghia/readings", READING).observations) == 1
        await is_now(register, database, "devices", "gauge-ai-nghia", lifecycle)
        batch = heard(decoder, "gauge-ai-nghia/readings", READING)
        assert batch.observations == ()
        [refusal] = batch.refusals
        assert (refusal.code, refusal.source) == ("not_in_use", "gauge-ai-nghia")
        assert refusal.reason == f"gauge-ai-nghia is {lifecycle} in the register; {until}, then replay this message"
        await is_now(register, database, "devices", "gauge-ai-nghia", "active")
        assert len(heard(decoder, "gauge-ai-nghia/readings", READING).observations) == 1


async def test_what_is_not_in_use_still_has_an_owner(register: Register, database: Database) -> None:
    """What was decoded before it was suspended is kept where it belongs."""
    await is_now(register, database, "devices", "gauge-ai-nghia", "suspended")
    assert "gauge-ai-nghia" not in register.devices()
    assert register.owners()["gauge-ai-nghia"].centre == "quang-nam"
    assert register.unit_of("gauge-ai-nghia", "water_level") == "m"
    assert register.devices() is register.devices()


EVENT = b'{"type":"new","before":{},"after":{"id":"1.5-x","camera":"cam-nvr","label":"person","start_time":1795309200}}'


@pytest.mark.parametrize(
    ("code", "topic", "payload"),
    [
        ("cam-own", "cam-own/status", b'{"online": true}'),
        ("cam-nvr", "nvr/in/frigate/events", EVENT),
    ],
)
async def test_a_camera_that_is_not_in_use_leaves_one_too(
    register: Register, database: Database, code: str, topic: str, payload: bytes
) -> None:
    with scripts_in() as scripts:
        decoder = decoder_of(register, codecs(scripts))
        assert heard(decoder, topic, payload).refusals == ()
        await is_now(register, database, "cameras", code, "suspended")
        batch = heard(decoder, topic, payload)
        assert [one.code for one in batch.refusals] == ["not_in_use"]
        assert not batch.observations
        assert not batch.states
