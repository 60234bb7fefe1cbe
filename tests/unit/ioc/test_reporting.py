"""What was told in one page becomes alarms together; over a real PostgreSQL see tests/integration/test_told.py."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from gis.observation import Notice
from ioc import catalogue, reporting
from ioc.incidents.alarm import Alarm
from tests.fakes.tellers import MINUTE, name, notice, report
from tests.fakes.things import NOW

WORDING = catalogue.wording()


class Shelf:
    """What is saved, in place of the store."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, notices: Sequence[Notice] = ()) -> None:
        self.alarms: dict[str, Alarm] = {}
        self.notices = list(notices)
        for room, function in ((reporting.kept, self.told_under), (reporting.notices, self.thread_of),
                               (reporting.reports, self.area_names)):  # fmt: skip
            monkeypatch.setattr(room, function.__name__, function)

    async def told_under(self, _: Any, keys: Iterable[str]) -> list[Alarm]:
        wanted = set(keys)
        return [one for one in self.alarms.values() if one.key in wanted]

    async def thread_of(self, _: Any, id: str) -> list[Notice]:  # noqa: A002
        return self.notices

    async def area_names(self, _: Any, fids: set[str]) -> dict[str, str]:
        return dict.fromkeys(fids, "Xã Đại Lộc")

    async def judge(self, *told: Any, at: dt.datetime = NOW) -> list[Alarm]:
        changed = await reporting.judge(None, [(one, at) for one in told], WORDING)  # type: ignore[arg-type]
        self.alarms |= {one.id: one for one in changed}
        return changed


async def test_a_report_that_stands_twice_in_a_page_is_one_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(monkeypatch)
    assert [one.title for one in await shelf.judge(report(), report())] == ["Người dân báo: Ngập lụt – Xã Đại Lộc"]
    assert await shelf.judge(report()) == []


async def test_a_notice_and_its_cancel_in_one_page_leave_nothing_that_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    first, cancel = notice("a"), notice("b", 1, kind="cancel", references=(name("a"),))
    assert await Shelf(monkeypatch, [first, cancel]).judge(first, cancel, at=NOW + MINUTE) == []


async def test_an_alarm_that_was_raised_in_this_page_is_known_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(monkeypatch, [notice("a")])
    update = notice("b", 1, kind="update", references=(name("a"),), severity="minor")
    first = await reporting.judge(None, [(notice("a"), NOW)], WORDING)  # type: ignore[arg-type]
    shelf.alarms = {first[0].id: first[0]}
    shelf.notices.append(update)
    [after] = await shelf.judge(update, update, at=NOW + MINUTE)
    assert (after.id, after.severity) == (first[0].id, "minor")


async def test_what_is_over_is_ended_as_it_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(monkeypatch, [notice("a")])
    [alarm] = await shelf.judge(notice("a"))
    moved = {alarm.id: Alarm(**{name: getattr(alarm, name) for name in alarm.__struct_fields__} | {"match": "manual"})}
    shelf.alarms = moved
    at = NOW + dt.timedelta(hours=4)
    [after] = await reporting.over(None, [alarm], at)  # type: ignore[arg-type]
    assert (after.match, after.cleared_at) == ("manual", NOW + dt.timedelta(hours=3))
    shelf.alarms = {after.id: after}
    assert await reporting.over(None, [alarm], at) == []  # type: ignore[arg-type]
    assert await reporting.over(None, [], at) == []  # type: ignore[arg-type]
