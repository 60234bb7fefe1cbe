"""`ioc areas` and `ioc centre`: releases of administrative units, and centres that go into others.

A dry run does everything and rolls it back, so that what it says is what would happen.
"""

import argparse
import datetime as dt
import os
import pwd
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from ioc.access.scope import EVERYTHING
from ioc.area_loading import Outcome, load
from ioc.centre_merging import Merged, MergeError, merge
from ioc.registration.release import ReleaseError
from ioc.registration.release import read as read_release
from ioc.registration.resettling import Report
from ioc.settings import Settings, SettingsError
from ioc.store import former_topics, releases
from ioc.store.database import Database, Transaction

Now = Callable[[], dt.datetime]
Order = argparse.Namespace

NAMED = {True: "\tnamed", False: ""}

DRY = "# a dry run: nothing was changed"


class _Undone(Exception):  # noqa: N818 - no error: a dry run rolls back
    pass


def say(lines: Iterable[str]) -> None:
    """Lines to whoever ran the command."""
    for line in lines:
        print(line)  # noqa: T201


def who() -> str:
    """Whoever runs the command, as the audit trail names them."""
    return f"cli:{pwd.getpwuid(os.getuid()).pw_name}"


async def load_areas(transaction: Transaction, order: Order, settings: Settings, now: dt.datetime) -> None:
    """Load a release and print what it did."""
    folder = Path(order.file).parent
    try:
        release = read_release(Path(order.file).name, lambda name: (folder / name).read_bytes())
    except OSError as error:
        raise SettingsError(f"{error.filename} cannot be read ({error.strerror}); nothing was changed") from error
    except ReleaseError as error:
        raise SettingsError(f"{error}; nothing was changed") from error
    try:
        outcome = await load(transaction, release, settings.zone, now, who())
    except ReleaseError as error:
        raise SettingsError(f"{error}; nothing was changed") from error
    say(told(release.head.release, release.head.effective, outcome))


def told(name: str, effective: dt.date, outcome: Outcome) -> list[str]:
    """What loading a release did, for people."""
    if outcome.report is None:
        return [f"{name} was loaded before: nothing changed"]
    plan = outcome.plan
    closed = 0 if plan.there else len(plan.closed)
    lines = [f"{name} of {effective}: {len(plan.entered)} units entered, {closed} closed, {len(plan.kept)} kept"]
    lines += [
        f"{one.old}\t{one.new}\t{one.of_old:.1%} of the old\t{one.of_new:.1%} of the new{NAMED[one.named]}"
        for one in plan.shares
    ]
    lines += [f"# {note}" for note in plan.notes]
    when = f"moves on {effective}, as things stand now" if outcome.waits else "moved"
    return [*lines, *reported(outcome.report, when)]


def reported(report: Report, when: str) -> list[str]:
    """A report of what moved, one thing a line."""
    counts = ", ".join(f"{number} {kind}" for kind, number in report.counts().items())
    lines = [f"{when}: {counts}"]
    for one in report.moved:
        centre = f"\t{one.centre_before} -> {one.centre}" if one.centre != one.centre_before else ""
        unit = f"\t{one.unit_before} -> {one.unit}" if one.unit != one.unit_before else ""
        lines.append(f"{one.kind}\t{one.code}\t{one.area_before} -> {one.area}{centre}{unit}")
    return lines + [f"decide\t{one.kind}\t{one.code}\t{one.area}\t{one.why}" for one in report.undecided]


async def report_areas(transaction: Transaction, order: Order, settings: Settings, now: dt.datetime) -> None:
    """The releases, or what one of them moved."""
    found = await releases.listed(transaction)
    if not order.release:
        say(
            f"{one.name}\t{one.effective}\tloaded {one.loaded_at:%Y-%m-%d %H:%M}Z by {one.loaded_by}\t"
            f"{one.entered} entered, {one.closed} closed\t{'moved' if one.moved_at else 'moves on its day'}\t"
            f"{one.sha256}"
            for one in found
        )
        return
    about = next((one for one in found if one.name == order.release), None)
    if about is None:
        raise SettingsError(f"there is no release {order.release!r}; `ioc areas report` shows them all")
    say([about.source, *(f"# {note}" for note in about.notes)])
    moved = about.moved or {"moved": [], "undecided": []}
    say("\t".join(str(value) for value in one.values()) for one in (*moved["moved"], *moved["undecided"]))


async def merge_centres(transaction: Transaction, order: Order, settings: Settings, now: dt.datetime) -> None:
    """Let a centre go into another one and print what moved."""
    try:
        merged = await merge(transaction, order.gone, order.into, now, who())
    except MergeError as error:
        raise SettingsError(f"{error}; nothing was changed") from error
    say(told_of_merge(order.gone, order.into, merged))


def told_of_merge(gone: str, into: str, merged: Merged | None) -> list[str]:
    """What merging did, for people."""
    if merged is None:
        return [f"{gone} went into {into} before: nothing changed"]
    rows = ", ".join(f"{number} {what}" for what, number in merged.rows.items() if number)
    lines = [f"{gone} goes into {into}: {rows or 'nothing works for it'}", *reported(merged.report, "moved")]
    spoken = sum(one.kind in ("device", "camera") for one in merged.report.moved)
    return [*lines, f"# {spoken} may speak under ioc/v1/{gone}/… until `ioc centre topics --end CODE` says otherwise"]


async def topics(transaction: Transaction, order: Order, settings: Settings, now: dt.datetime) -> None:
    """Who may speak under a former centre's topic; with --end of some it is over."""
    if order.end:
        ended = await former_topics.end(transaction, order.end, who(), now)
        if missing := sorted(set(order.end) - ended):
            raise SettingsError(f"{', '.join(missing)} has no former topic; `ioc centre topics` shows them all")
    say(f"{one.code}\t{one.centre}\tsince {one.since:%Y-%m-%d}" for one in await former_topics.listed(transaction))


def work(order: Order, now: Now) -> Callable[[Settings], Awaitable[None]]:
    """What an order does: all of it in one transaction, or nothing."""
    deeds: dict[str, Callable[[Transaction, Order, Settings, dt.datetime], Awaitable[None]]] = {
        "load": load_areas,
        "report": report_areas,
        "merge": merge_centres,
        "topics": topics,
    }

    async def run(settings: Settings) -> None:
        if not settings.database_url:
            raise SettingsError("IOC_DATABASE_URL is missing: give the address of PostgreSQL as role ioc_app")
        dry = getattr(order, "dry_run", False)
        try:
            async with (
                Database.open(settings.database_url, size=1) as database,
                database.transaction(EVERYTHING) as transaction,
            ):
                await deeds[order.deed](transaction, order, settings, now())
                if dry:
                    raise _Undone
        except* _Undone:
            say([DRY])

    return run
