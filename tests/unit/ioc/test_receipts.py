"""What is counted, what is told and when; between real servers in tests/integration/test_receipts.py."""

import asyncio
import datetime as dt
import json
from typing import Any

import asyncpg
import msgspec
import pytest

from gis.observation import Mark, Refusal
from ioc import receipts as module
from ioc.access.scope import EVERYTHING
from ioc.receipts import Receipts
from ioc.store import journal
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from sensors.intake import Batch
from sensors.outbox import PublishError
from tests.fakes.store import OWNERS
from tests.fakes.things import NOW, device, reading

CODE = "gauge-ai-nghia"
DEVICES = {code: device(code) for code in (CODE, "gauge-b")}


class Published:
    """Remembers what was published; `takes` False is a broker that is away."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.takes = True

    async def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        assert retain
        if not self.takes:
            raise PublishError("away")
        self.said.append((topic, json.loads(payload)))

    def take(self) -> list[tuple[str, int, list[list[int]]]]:
        """Run, through and missing of what was said since the last time."""
        said, self.said = self.said, []
        return [(one["run"], one["through"], one["missing"]) for _, one in said]


class Post:
    """A store and the receipts behind it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.published = Published()
        self.receipts = Receipts(database, lambda: DEVICES, self.published)
        self.store = ObservationStore(database, lambda: OWNERS, lambda *_: "m", repeated=self.receipts.note)

    async def keep(self, *numbers: int, run: str = "r", code: str = CODE, hours: float = 0.0) -> None:
        """Readings of these numbers, each at the second of its number."""
        at = [NOW + dt.timedelta(hours=hours, seconds=number) for number in numbers]
        found = [
            reading(seq=number, at=one, run=run, source=code, centre=OWNERS[code].centre)
            for number, one in zip(numbers, at, strict=True)
        ]
        arrived_at = NOW + dt.timedelta(hours=max(0.0, hours))
        await self.store.keep(Batch(arrived_at=arrived_at, observations=tuple(found)))

    async def refuse(self, *marks: Mark) -> None:
        """A message whose parts were refused."""
        refusal = Refusal(topic="t", payload=b"x", code="c", reason="r", source=CODE, marks=marks)
        await self.store.keep(Batch(arrived_at=NOW, refusals=(refusal,)))

    async def turn(self) -> list[tuple[str, int, list[list[int]]]]:
        """Count and tell; what was told."""
        await self.receipts.hand_on()
        await self.receipts.turn()
        await self.receipts.tell()
        return self.published.take()


@pytest.fixture
def post(database: Database, monkeypatch: pytest.MonkeyPatch) -> Post:
    """Receipts without a pause between two."""
    monkeypatch.setattr(module, "LEAST_S", 0.0)
    monkeypatch.setattr(module, "BUSY_S", 0.0)
    return Post(database)


async def test_what_was_kept_and_what_was_refused_is_told_once(post: Post) -> None:
    await post.keep(0, 1, 2)
    await post.refuse(Mark(source=CODE, run="r", sequence=3, at=NOW + dt.timedelta(seconds=3)))
    await post.refuse(Mark(source=CODE, run="r", sequence=5), Mark(source=CODE, run="r", sequence=6))
    assert await post.turn() == [("r", 6, [[4, 4]])]
    assert await post.turn() == []
    assert post.receipts.told.receipts == 1


async def test_a_device_that_moved_is_told_under_both_topics(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DEVICES, CODE, msgspec.structs.replace(DEVICES[CODE], former=("tam-ky",)))
    await post.keep(1, 2)
    await post.receipts.hand_on()
    await post.receipts.turn()
    await post.receipts.tell()
    assert [topic for topic, _ in post.published.said] == [
        f"ioc/v1/{DEVICES[CODE].centre}/{CODE}/receipts",
        f"ioc/v1/tam-ky/{CODE}/receipts",
    ]


async def test_marks_that_cannot_be_counted_are_left_out(post: Post) -> None:
    await post.keep(0)
    await post.refuse(
        Mark(source=CODE, run="\0", sequence=1),
        Mark(source=CODE, run="r" * 65, sequence=1),
        Mark(source=CODE, run="r", sequence=1 << 63),
        Mark(source=CODE, run="r", sequence=-1),
        Mark(source="stranger", run="r", sequence=1),
    )
    assert await post.turn() == [("r", 0, [])]


async def test_a_refused_time_that_is_not_believed_does_not_begin_a_count(post: Post) -> None:
    await post.keep(0, 1)
    await post.refuse(Mark(source=CODE, run="r", sequence=2, at=NOW.replace(year=1970)))
    await post.keep(3)
    assert await post.turn() == [("r", 3, [])]


async def test_several_readings_of_one_message_are_one_number(post: Post) -> None:
    readings = [reading(seq=seq, at=NOW + dt.timedelta(seconds=at)) for seq, at in ((0, 0), (1, 5), (1, 3), (1, 4))]
    await post.store.keep(Batch(arrived_at=NOW, observations=tuple(readings)))
    await post.keep(6)
    assert await post.turn() == [("r", 6, [[2, 5]])]
    assert post.receipts._ledger._by_name[CODE, "r"].epoch == 0


async def test_runs_that_changed_are_told_and_the_newest_of_all_last(post: Post) -> None:
    await post.keep(0, 1, run="old")
    await post.keep(0, run="new", hours=1)
    assert await post.turn() == [("old", 1, []), ("new", 0, [])]
    await post.keep(2, run="old")
    assert await post.turn() == [("old", 2, []), ("new", 0, [])]


async def test_a_repeat_is_answered_and_closes_what_a_new_count_does_not_claim(post: Post) -> None:
    await post.keep(0, 1, 2)
    await post.keep(3, hours=-2)  # the clock was set back far: counted anew
    assert await post.turn() == [("r", 3, [[0, 2]])]
    await post.keep(3, hours=-2)
    assert await post.turn() == [("r", 3, [[0, 2]])]


async def test_many_runs_leave_the_newest_eight_in_the_database(post: Post, admin: asyncpg.Connection) -> None:
    for number in range(12):
        await post.keep(0, run=f"r{number}", hours=number)
        await post.turn()
    runs = [row["run"] for row in await admin.fetch("select run from sequences order by newest_at")]
    assert runs == [f"r{number}" for number in range(4, 12)]


async def test_a_device_that_goes_on_sending_is_told_now_and_then_and_a_quiet_one_at_once(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_S", 1000.0)
    await post.keep(0)
    assert await post.turn() == [("r", 0, [])]
    await post.keep(1)
    assert await post.turn() == []
    assert await post.turn() == [("r", 1, [])]
    monkeypatch.setattr(module, "LEAST_S", 1000.0)
    await post.keep(2)
    assert await post.turn() == []
    assert await post.turn() == []
    assert post.receipts.told.untold == 1


async def test_those_who_waited_longest_come_first(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TOLD", 1)
    await post.keep(0)
    await post.keep(0, code="gauge-b")
    await post.receipts.turn()
    for code in (CODE, "gauge-b"):
        await post.receipts.tell()
        assert post.published.said[-1][0].split("/")[3] == code


async def test_what_the_broker_does_not_take_is_told_later_also_by_another_process(post: Post) -> None:
    post.published.takes = False
    await post.keep(0)
    assert await post.turn() == []
    again = Post(post.database)
    await again.receipts.recall()
    assert await again.turn() == [("r", 0, [])]
    post.published.takes = True
    assert await post.turn() == [("r", 0, [])]


async def test_what_was_told_is_not_told_by_the_next_process(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SETTLED_S", 0.0)
    await post.receipts.recall()
    await post.keep(0, 2)
    await post.turn()
    await post.turn()
    again = Post(post.database)
    await again.receipts.recall()
    assert await again.turn() == []
    await again.keep(1)
    assert await again.turn() == [("r", 2, [])]


async def test_a_failed_commit_leaves_the_cursor_and_the_counts(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    await post.keep(0)

    async def dies(*_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(journal, "advance", dies)
        with pytest.raises(ConnectionResetError):
            await post.receipts.turn()
    await post.receipts.recall()
    async with post.database.transaction(EVERYTHING) as transaction:
        assert await journal.cursor(transaction, module.READER) == 0
    assert await post.turn() == [("r", 0, [])]


async def test_whoever_was_overtaken_reads_anew_before_it_writes(post: Post) -> None:
    other = Post(post.database)
    await post.keep(0, 1)
    assert await other.turn() == [("r", 1, [])]
    await post.keep(2)
    with pytest.raises(module.OvertakenError):
        await post.receipts.turn()
    await post.receipts.recall()
    assert await post.turn() == [("r", 2, [])]


async def test_while_many_send_the_journal_is_read_more_seldom_than_is_told(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    async def turn() -> bool:
        done.append("turn")
        if done.count("turn") == 2:
            raise KeyboardInterrupt
        return True

    async def tell() -> None:
        done.append("tell")

    monkeypatch.setattr(module, "TURN_S", 0.0)
    monkeypatch.setattr(module, "MANY", 0)
    monkeypatch.setattr(post.receipts, "tell", tell)
    await post.keep(0)
    await post.receipts.recall()
    await post.receipts.turn()
    monkeypatch.setattr(post.receipts, "recall", lambda: asyncio.sleep(0))
    monkeypatch.setattr(post.receipts, "turn", turn)
    with pytest.raises(KeyboardInterrupt):
        await post.receipts._work()
    assert done == ["turn", *["tell"] * module.MANY_TURNS, "turn"]


async def test_it_runs_under_its_lock_until_cancelled(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TURN_S", 0.02)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(post.receipts.run(), name="receipts")
        await post.keep(0)
        while not post.published.said:
            await asyncio.sleep(0.01)
        assert post.receipts.leading.held
        post.published.take()
        await post.keep(0)
        while not post.published.said:
            await asyncio.sleep(0.01)
        running.cancel()
    assert post.published.take() == [("r", 0, [])]


async def test_a_dead_letter_that_is_kept_at_last_is_no_new_count(post: Post) -> None:
    await post.keep(0, 1)
    await post.refuse(Mark(source=CODE, run="r", sequence=2, at=NOW + dt.timedelta(seconds=2)))
    later = NOW + dt.timedelta(minutes=1)
    live = [reading(seq=number, at=NOW + dt.timedelta(seconds=number)) for number in (3, 4, 6)]
    await post.store.keep(Batch(arrived_at=later, observations=tuple(live)))
    assert await post.turn() == [("r", 6, [[5, 5]])]
    await post.keep(2)  # replayed: it arrived before what is newest, and is kept now
    await post.keep(5)
    assert await post.turn() == [("r", 6, [])]
    assert post.receipts._ledger._by_name[CODE, "r"].epoch == 0


async def test_a_database_that_was_put_back_takes_back_what_it_does_not_hold(
    post: Post, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker still has the receipts of before; whoever reads them must not delete what the backup lacks."""
    monkeypatch.setattr(module, "SETTLED_S", 0.0)
    await post.receipts.recall()
    await post.keep(0, 1, 2)
    await post.turn()
    await post.turn()
    again = Post(post.database)
    await again.receipts.recall()
    assert await again.turn() == [], "the same server: what was told is told"
    await admin.execute("update cursors set through = through + 1 where name = 'receipts-server'")  # of the backup
    restored = Post(post.database)
    await restored.receipts.recall()
    assert await restored.turn() == [("r", 2, [])]
