"""Client ids of intakes, at a real broker: one holder each, a fair share, and nothing rots in a dead one's session."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from ioc import slots
from ioc.lock import Lock
from ioc.slots import Lines, SlotError, client_id, connected, subscription
from sensors.adapters import opener
from sensors.backlog import Backlog
from sensors.broker import Connection, Session, Subscription
from sensors.intake import Message
from tests.fakes.mosquitto import Mosquitto, mosquitto_of, until

TOPIC = "ioc/v1/quang-nam/gauge-ai-nghia/readings"
QUICK = Session(retry_s=(0.05, 0.2))


@pytest.fixture
async def mosquitto() -> AsyncIterator[Mosquitto]:
    """A running broker."""
    async with mosquitto_of() as broker:
        yield broker


@contextlib.asynccontextmanager
async def intake(mosquitto: Mosquitto, folder: Path, share: bool) -> AsyncIterator[Lines]:
    """An intake that listens."""

    def opens(name: str, wanted: Subscription, backlog: Backlog) -> AbstractAsyncContextManager[Connection]:
        return opener("mqtt5")(mosquitto.login(name), wanted, backlog, QUICK)

    async with connected(folder, share, opens) as lines:
        await until(lambda: lines.listening)
        yield lines


async def taken(lines: Lines, number: int) -> list[bytes]:
    """So many messages, acknowledged so that the broker knows."""
    found: list[Message] = []
    async with asyncio.timeout(15):
        while len(found) < number:
            some = await lines.gather(1000, 0.02)
            lines.acknowledge(some)
            found += some
    await lines.publish("elsewhere", b"")
    return [message.payload for message in found]


async def send(mosquitto: Mosquitto, *payloads: bytes) -> None:
    async with mosquitto.publishing() as publisher, asyncio.TaskGroup() as tasks:
        for payload in payloads:
            tasks.create_task(publisher.publish(TOPIC, payload), name="publish")


SENT = [b"%d" % number for number in range(40)]


async def test_one_intake_holds_the_first_client_id_and_a_second_is_told_by_whom(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    async with intake(mosquitto, tmp_path, share=False) as first:
        assert first.client_id == "ioc-intake"
        with pytest.raises(SlotError, match=r"another intake runs on this state dir \(process \d+\): end it"):
            async with intake(mosquitto, tmp_path, share=False):
                pass
        await send(mosquitto, *SENT)
        assert await taken(first, 40) == SENT


async def test_several_intakes_share_the_messages_and_none_gets_what_another_got(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    async with intake(mosquitto, tmp_path, share=True) as one, intake(mosquitto, tmp_path, share=True) as two:
        assert (one.client_id, two.client_id) == ("ioc-intake", "ioc-intake-2")
        await send(mosquitto, *SENT)
        shares = await taken(one, 20), await taken(two, 20)
    assert sorted(shares[0] + shares[1]) == sorted(SENT)


async def test_what_waits_for_a_dead_intake_is_fetched_by_a_living_one_and_it_gets_no_more(
    mosquitto: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "LOOK_S", 0.3)
    monkeypatch.setattr(slots, "QUIET_S", 0.5)
    async with intake(mosquitto, tmp_path, share=True) as one:
        async with intake(mosquitto, tmp_path, share=True):
            pass
        await send(mosquitto, *SENT)
        assert sorted(await taken(one, 40)) == sorted(SENT)
        await until(lambda: one.figures()["sessions_drained"] == 1)
        assert not (tmp_path / "ioc-intake-2.open").exists()
        await send(mosquitto, *SENT)
        assert await taken(one, 40) == SENT
        with Lock(tmp_path / "ioc-intake-2.lock"):
            pass


async def test_an_intake_that_comes_back_in_time_keeps_its_session(
    mosquitto: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "LOOK_S", 0.5)
    async with intake(mosquitto, tmp_path, share=True) as one:
        for _ in range(3):
            async with intake(mosquitto, tmp_path, share=True) as two:
                assert two.client_id == "ioc-intake-2"
        assert one.figures()["sessions_drained"] == 0


@pytest.mark.parametrize("share", [True, False])
async def test_after_a_change_of_the_setting_each_message_comes_once(
    mosquitto: Mosquitto, tmp_path: Path, share: bool
) -> None:
    """The session of the first start still holds the other subscription, until the second gives it up."""
    async with intake(mosquitto, tmp_path, share=not share):
        pass
    async with intake(mosquitto, tmp_path, share=share) as lines:
        await send(mosquitto, *SENT)
        assert await taken(lines, 40) == SENT
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                assert await lines.gather(10, 0.0) == []


async def test_a_session_taken_from_another_machine_ends_with_one_sentence(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    """The other state dir stands for it."""
    with pytest.raises(SlotError, match=r"another process signed in at the broker .* under our client id ioc-intake"):
        async with (
            intake(mosquitto, tmp_path / "here", share=False),
            intake(mosquitto, tmp_path / "there", share=False),
        ):
            await asyncio.Event().wait()


async def test_a_plain_session_outlives_a_crash_of_the_broker_and_a_shared_one_does_not(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    """Why sharing is not the default; when a newer broker mends this, the default can change."""
    found = {}
    for share in (False, True):
        async with intake(mosquitto, tmp_path / str(share), share):
            await mosquitto.saved()
        mosquitto.kill()
        await mosquitto.start()
        await send(mosquitto, *SENT)
        async with intake(mosquitto, tmp_path / str(share), share) as lines:
            await send(mosquitto, b"now")
            async with asyncio.timeout(15):
                payloads: list[bytes] = []
                while b"now" not in payloads:
                    payloads += await taken(lines, 1)
        found[share] = len(payloads) - 1
    assert found == {False: 40, True: 0}


def test_there_is_one_name_for_each_slot() -> None:
    assert [client_id(number) for number in (1, 2, 16)] == ["ioc-intake", "ioc-intake-2", "ioc-intake-16"]
    assert subscription(True).topics == ("$share/ioc-intake/ioc/v1/#",) == subscription(False).gives_up


def test_when_all_are_taken_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "SLOTS", 2)
    with (
        Lock(tmp_path / "ioc-intake.lock"),
        Lock(tmp_path / "ioc-intake-2.lock"),
        pytest.raises(SlotError, match="all 2 client ids"),
        slots._held(tmp_path, share=True),
    ):
        pass


def test_a_state_dir_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(SlotError, match=r"cannot be written .*IOC_STATE_DIR"),
        slots._held(tmp_path / "file", share=False),
    ):
        pass
