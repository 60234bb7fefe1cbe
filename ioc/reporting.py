"""From what citizens and agencies told to alarms, within the desk's transaction."""

import datetime as dt
from collections.abc import Iterable, Sequence

from gis.observation import Notice, Report
from ioc.incidents.alarm import Alarm
from ioc.incidents.told import Wording, lapsed, report_alarm, report_key, thread_alarms, thread_keys
from ioc.store import alarms as kept
from ioc.store import notices, reports
from ioc.store.database import Transaction

Told = tuple[Report | Notice, dt.datetime]
"""What was told, and when it arrived."""


async def judge(transaction: Transaction, told: Sequence[Told], wording: Wording) -> list[Alarm]:
    """The alarms that change by what was told, in the order in which they are to be written.

    What is saved is read here and not remembered, because people move and end these alarms, too. Judging the same
    again changes nothing.
    """
    changed: dict[str, Alarm] = {}
    found = [one for one, _ in told if isinstance(one, Report)]
    if found:
        names = await reports.area_names(transaction, {one.area for one in found})
        saved = {one.key: one for one in await kept.told_under(transaction, map(_key, found))}
        for one in found:
            after = report_alarm(one, saved.get(_key(one)), wording, names.get(one.area, ""))
            if after is not None:
                changed[after.id] = saved[after.key] = after
    for notice, arrived in told:
        if isinstance(notice, Notice):
            thread = await notices.thread_of(transaction, notice.id)
            keys = thread_keys(thread)
            alarms = _latest(keys, await kept.told_under(transaction, keys), changed)
            _enter(changed, thread_alarms(thread, alarms, arrived, wording))
    return list(changed.values())


async def over(transaction: Transaction, held: Sequence[Alarm], now: dt.datetime) -> list[Alarm]:
    """Those of some notices' alarms whose time is over, as they are after it; one that people ended is left out."""
    saved = await kept.told_under(transaction, [one.key for one in held]) if held else []
    return [after for one in saved if one.cleared_at is None and (after := lapsed(one, now)) is not None]


def _key(report: Report) -> str:
    return report_key(report.stamp.source, report.number)


def _latest(keys: Sequence[str], saved: Iterable[Alarm], changed: dict[str, Alarm]) -> list[Alarm]:
    """The alarms of some keys as they are after what was judged before."""
    found = {one.id: one for one in saved}
    return list((found | {one.id: one for one in changed.values() if one.key in keys}).values())


def _enter(changed: dict[str, Alarm], after: Iterable[Alarm]) -> None:
    for one in after:
        changed.pop(one.id, None)  # written in the order in which they changed: an end before a beginning
        changed[one.id] = one
