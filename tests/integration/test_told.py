"""What citizens and agencies tell on a real PostgreSQL: kept once, and alarms at the desk, in any order."""

import datetime as dt
import itertools
import os
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from gis.observation import Notice, Report
from ioc import catalogue
from ioc.access.policy import Person, scope_of
from ioc.access.rights import BOUND, ROLES, allows
from ioc.access.scope import EVERYTHING, Scope
from ioc.desk import Desk
from ioc.docket import Docket
from ioc.store import journal, notices, reports
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes.tellers import MINUTE, name, notice, report
from tests.fakes.things import NOW


class Office:
    """A desk, and people who tell it something."""

    def __init__(self, database: Database, index: AreaIndex) -> None:
        self.database, self.index, self.at = database, index, NOW
        self.desk = self.hire()

    def hire(self) -> Desk:
        rules = catalogue.rules(demo=False)
        docket = Docket(rules, self.index, ZoneInfo("Asia/Ho_Chi_Minh"), os.urandom)
        return Desk(
            self.database, rules, dict, docket, profile_of=str, now=lambda: self.at, entropy=os.urandom
        )  # fmt: skip

    async def tell(self, *told: Report | Notice) -> list[bool]:
        """Keep each; whether it was new."""
        new = []
        for one in told:
            async with self.database.transaction(EVERYTHING) as transaction:
                if isinstance(one, Report):
                    who = reports.Reporter(name="Trần Thị Bí Mật", phone="0905123456")
                    new.append(await reports.enter(transaction, one, self.at, "operator", who))
                else:
                    new.append(await notices.enter(transaction, one, self.at, "operator", None))
        return new

    async def work(self) -> None:
        while await self.desk.turn():
            pass

    async def hear(self, *told: Report | Notice) -> None:
        await self.tell(*told)
        await self.work()


@pytest.fixture
async def admin(fresh: Fresh) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(fresh.url("postgres"))
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=msgspec.json.decode)
    yield connection
    await connection.close()


@pytest.fixture
async def office(database: Database, area_index: AreaIndex) -> Office:
    return Office(database, area_index)


async def alarms(admin: asyncpg.Connection) -> list[tuple[str, str, dt.datetime | None]]:
    rows = await admin.fetch("select key, severity, cleared_at from alarms order by raised_at, key")
    return [(row["key"], row["severity"], row["cleared_at"]) for row in rows]


async def test_a_report_is_one_alarm_and_one_incident_however_often_it_comes(
    office: Office, admin: asyncpg.Connection
) -> None:
    assert await office.tell(report(), report()) == [True, False]
    await office.work()
    await office.hear(report())
    alarm = (await admin.fetch("select * from alarms"))[0]
    assert await alarms(admin) == [("report:1022:1", "moderate", None)]
    assert (alarm["source_kind"], alarm["category"], alarm["error_m"]) == ("citizen", "flood", 0.0)
    assert (alarm["title"], alarm["title_en"]) == (
        "Người dân báo: Ngập lụt – Xã Thượng Đức",
        "Citizen's report: Flood – Xã Thượng Đức",
    )
    assert await admin.fetchval("select count(*) from incidents") == 1
    assert await admin.fetchval("select incident from alarms") == await admin.fetchval("select id from incidents")


async def test_who_told_it_is_nowhere_but_in_its_own_table(office: Office, admin: asyncpg.Connection) -> None:
    await office.hear(report())
    assert await admin.fetchval("select name || phone from reporters") == "Trần Thị Bí Mật0905123456"
    for table in ("reports", "alarms", "incidents", "incident_log", "changes", "audit"):
        rows = str([dict(row) for row in await admin.fetch(f"select * from {table}")])
        assert "Bí Mật" not in rows
        assert "0905123456" not in rows
    payload = b"".join([row["payload"] for row in await admin.fetch("select payload from journal")])
    assert b"0905123456" not in payload
    assert "Bí Mật".encode() not in payload


@pytest.mark.parametrize("role", ROLES)
async def test_postgresql_itself_shows_who_told_it_to_those_alone_who_may_step(
    office: Office, database: Database, role: str
) -> None:
    await office.tell(report())
    for centre in (None, "dai-loc", "hoi-an"):
        person = Person(login="p", name="P", role=role, centre=centre, language="vi")
        here = centre == "dai-loc" or (centre is None and role not in BOUND)
        async with database.transaction(scope_of(person), read_only=True) as transaction:
            seen = {
                table: len(await transaction.connection.fetch(f"select from {table}"))
                for table in ("reports", "reporters")
            }
        assert seen["reports"] == (here and allows(role, "see", "report"))
        assert seen["reporters"] == (here and allows(role, "step", "report"))


async def test_a_report_s_alarm_ends_when_it_is_withdrawn_and_not_before(
    office: Office, database: Database, admin: asyncpg.Connection
) -> None:
    await office.hear(report())
    office.at += dt.timedelta(days=2)
    await office.desk.hush()
    assert await alarms(admin) == [("report:1022:1", "moderate", None)]
    async with database.transaction(EVERYTHING) as transaction:
        kept = await reports.numbered(transaction, "1022", "1")
        assert kept is not None
        await reports.withdraw(transaction, kept, office.at, "operator", "sent twice by mistake")
    await office.work()
    assert await alarms(admin) == [("report:1022:1", "moderate", office.at)]
    await office.hear(report())
    assert await alarms(admin) == [("report:1022:1", "moderate", office.at)]


async def test_the_same_journal_read_again_changes_nothing(office: Office, admin: asyncpg.Connection) -> None:
    await office.hear(report("1"), report("2"), notice("a"), notice("b", 1, references=(name("a"),)))
    office.at += dt.timedelta(hours=4)
    await office.desk.hush()
    await office.hear(notice("c", 239, references=(name("b", 1),), kind="ack"))
    before = [dict(row) for row in await admin.fetch("select * from alarms order by id")]
    assert [row["cleared_at"] is None for row in before].count(True) == 2
    for _ in range(2):
        await admin.execute("update cursors set through = 0")
        office.desk = office.hire()
        await office.work()
    assert [dict(row) for row in await admin.fetch("select * from alarms order by id")] == before


async def test_a_desk_that_dies_before_its_commit_tells_nothing_twice(
    office: Office, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.tell(report(), notice())

    async def dies(*_: object) -> None:
        raise ConnectionResetError("killed before the commit")

    with monkeypatch.context() as patched, pytest.raises(ConnectionResetError):
        patched.setattr(journal, "advance", dies)
        await office.desk.turn()
    assert await alarms(admin) == []
    office.desk = office.hire()
    await office.work()
    assert [key for key, _, _ in await alarms(admin)] == ["notice:dai@kttv.vn:a", "report:1022:1"]


THREAD = (
    notice("a", 0),
    notice("b", 2, kind="update", references=(name("a"),), severity="extreme"),
    notice("c", 4, kind="update", references=(name("a"), name("b", 2)), severity="minor"),
    notice("d", 6, kind="cancel", references=(name("a"), name("b", 2), name("c", 4))),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
async def test_updates_speak_for_what_they_replace_in_whatever_order_they_come(
    office: Office, admin: asyncpg.Connection, order: tuple[int, ...]
) -> None:
    office.at = NOW + 5 * MINUTE
    for number in order:
        await office.hear(THREAD[number])
    assert await alarms(admin) == [("notice:dai@kttv.vn:a", "minor", None)]
    alarm = (await admin.fetch("select * from alarms"))[0]
    assert (alarm["title"], alarm["raised_at"], alarm["count"]) == ("Cảnh báo lũ c", NOW, 3)
    assert await admin.fetchval("select count(distinct thread) from notices") == 1
    office.at = NOW + 6 * MINUTE
    await office.hear(THREAD[3])
    assert await alarms(admin) == [("notice:dai@kttv.vn:a", "minor", office.at)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
async def test_a_cancel_holds_whenever_it_comes(
    office: Office, admin: asyncpg.Connection, order: tuple[int, ...]
) -> None:
    office.at = NOW + 7 * MINUTE
    for number in order:
        await office.hear(THREAD[number])
    assert [one for one in await alarms(admin) if one[2] is None] == []


async def test_a_notice_ends_when_its_time_is_over_and_one_that_comes_too_late_raises_nothing(
    office: Office, admin: asyncpg.Connection
) -> None:
    await office.hear(notice("a"))
    office.at = NOW + dt.timedelta(hours=3)
    await office.desk.hush()
    assert await alarms(admin) == [("notice:dai@kttv.vn:a", "severe", NOW + dt.timedelta(hours=3))]
    await office.hear(notice("old", -300))
    assert len(await alarms(admin)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "exercise"},
        {"status": "test"},
        {"kind": "ack"},
        {"kind": "error"},
        {"position": None},
        {"over": True},
    ],
    ids=str,
)
async def test_what_is_no_warning_here_is_kept_and_raises_nothing(
    office: Office, admin: asyncpg.Connection, changed: dict[str, object]
) -> None:
    await office.hear(notice("a", **changed))
    assert await alarms(admin) == []
    assert await admin.fetchval("select count(*) from notices") == 1


async def test_an_exercise_and_a_stranger_cancel_nothing(office: Office, admin: asyncpg.Connection) -> None:
    await office.hear(notice("a"))
    await office.hear(notice("x", 1, kind="cancel", references=(name("a"),), status="exercise"))
    await office.hear(notice("y", 1, kind="cancel", references=(name("a"),), sender="somebody@else.vn"))
    assert await alarms(admin) == [("notice:dai@kttv.vn:a", "severe", None)]


async def test_another_centre_cancels_nothing_that_it_does_not_see(
    office: Office, database: Database, admin: asyncpg.Connection
) -> None:
    """Even in the sender's own name."""
    await office.hear(notice("a"))
    theirs = notice("x", 1, kind="cancel", references=(name("a"),))
    theirs = msgspec.structs.replace(theirs, stamp=msgspec.structs.replace(theirs.stamp, centre="hoi-an"))
    async with database.transaction(Scope(frozenset({"hoi-an"}))) as transaction:
        assert await notices.enter(transaction, theirs, office.at, "operator", None)
    await office.work()
    assert await alarms(admin) == [("notice:dai@kttv.vn:a", "severe", None)]
    assert await admin.fetchval("select count(distinct thread) from notices") == 2


async def test_all_clear_ends_what_it_refers_to(office: Office, admin: asyncpg.Connection) -> None:
    await office.hear(notice("a"))
    office.at += 5 * MINUTE
    await office.hear(notice("b", 5, kind="update", references=(name("a"),), over=True))
    assert await alarms(admin) == [("notice:dai@kttv.vn:a", "severe", office.at)]


async def test_a_notice_at_the_end_of_the_calendar_does_not_stop_the_desk(
    office: Office, admin: asyncpg.Connection
) -> None:
    last = msgspec.structs.replace(notice().stamp, at=dt.datetime(9999, 12, 31, 23, tzinfo=dt.UTC))
    await office.hear(notice(stamp=last, expires=None), report())
    assert len(await alarms(admin)) == 2
