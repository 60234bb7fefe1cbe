"""`ioc replay`: dead letters, a file of recorded messages, or a spool, through the same sink again."""

import argparse
import asyncio
import base64
import binascii
import datetime as dt
import os
import pwd
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.app import opened, replayer_of
from ioc.lock import HeldError
from ioc.replay import ON_TIME, Count, Recorded, Replayer, Result
from ioc.settings import Settings, SettingsError
from ioc.store import audit, letters
from ioc.store.database import Database, Transaction
from ioc.store.observations import ObservationStore
from ioc.store.spool import Spool
from sensors.codecs.codec import LARGEST_PAYLOAD
from sensors.codecs.table import scripts_in

PAGE = 200
"""Dead letters that are replayed and marked together."""

LOOK_S = 0.05
"""Seconds between two looks whether a spool is empty."""

LONGEST_LINE = 4 * LARGEST_PAYLOAD
"""Bytes of a line of a recorded file above which it cannot hold a payload that is taken."""

Order: TypeAlias = argparse.Namespace
Now: TypeAlias = Callable[[], dt.datetime]

_Moment = Annotated[dt.datetime, msgspec.Meta(tz=True)]


class Line(msgspec.Struct, frozen=True):
    """One recorded message: `payload` is a text, or JSON as it was sent; `payload_base64` any bytes."""

    topic: str
    payload: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    payload_base64: str | None = None
    arrived_at: _Moment | None = None


_LINE = msgspec.json.Decoder(Line)


def recorded(path: Path, now: Now) -> Iterator[Recorded]:
    """The messages of a file. Raises SettingsError naming the line that is none; those before it are replayed."""
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LONGEST_LINE):
                number += 1
                if line.strip():
                    yield _of_line(line, f"line {number} of {path}", now)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error


def _of_line(line: bytes, where: str, now: Now) -> Recorded:
    try:
        one = _LINE.decode(line)
        if one.payload_base64 is not None:
            payload = base64.b64decode(one.payload_base64, validate=True)
        elif isinstance(one.payload, msgspec.Raw):
            raw = bytes(one.payload)
            payload = msgspec.json.decode(raw, type=str).encode() if raw.startswith(b'"') else raw
        else:
            raise ValueError("it has neither payload nor payload_base64")
        at = one.arrived_at.astimezone(dt.UTC) if one.arrived_at is not None else now()
    except (msgspec.DecodeError, binascii.Error, ValueError, RecursionError, OverflowError) as error:
        raise SettingsError(f"{where} holds no recorded message: {error}") from error
    return Recorded(one.topic, payload, at)


def work(order: Order, now: Now) -> Callable[[Settings], Awaitable[None]]:
    """What an order does."""

    async def run(settings: Settings) -> None:
        async with opened(settings) as (database, register):
            with scripts_in(settings.scripts) as scripts:
                slow = getattr(order, "clock_slow", ON_TIME)
                replayer = replayer_of(database, register, scripts, slow)
                if order.source_kind == "file":
                    await _file(order, database, replayer, now)
                elif order.source_kind == "spool":
                    store = ObservationStore(database, register.owners, register.unit_of, register.retention_of)
                    await _spool(order, database, store, settings.spool_bytes, now)
                else:
                    await _letters(order, database, replayer, now)

    return run


async def _file(order: Order, database: Database, replayer: Replayer, now: Now) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await _note(transaction, now, "file", {"name": order.path.name})
    count = await replayer.messages(recorded(order.path, now))
    say(f"{_told(count)}; {count.counted} hold nothing to keep")


async def _spool(order: Order, database: Database, store: ObservationStore, limit: int, now: Now) -> None:
    """Batches that were decoded already go to the sink alone. Raises SettingsError when they cannot."""
    if not order.path.is_dir():
        raise SettingsError(f"{order.path} is no folder; give that of one intake, such as .ioc/spool/ioc-intake")
    async with database.transaction(EVERYTHING) as transaction:
        await _note(transaction, now, "spool", {"name": order.path.name})
    held: HeldError | None = None
    try:
        async with Spool.open(order.path, limit, store, now) as spool:
            while (state := spool.state()).batches and not state.away:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(LOOK_S)
    except* HeldError as group:
        held = next(error for error in group.exceptions if isinstance(error, HeldError))
    if held is not None:
        raise SettingsError(f"{order.path} belongs to the running process {held.pid}, which moves it on itself")
    kept = store.kept
    say(
        f"{kept.observations} kept, {kept.repeated} repeated, {kept.refused} dead letters; {state.batches} batches left"
    )
    if state.batches:
        raise SettingsError(
            f"the rest stays in {order.path}: the store takes nothing now ({state.away}); try again later"
        )


async def _letters(order: Order, database: Database, replayer: Replayer, now: Now) -> None:
    wanted = letters.Wanted(
        code=order.code, source=order.source, since=order.since, state=order.state, ids=tuple(order.id)
    )
    count, after = Count(), 0
    while True:
        async with database.transaction(EVERYTHING, read_only=True) as transaction:
            found = await letters.oldest(transaction, wanted, PAGE, after)
        if not found:
            break
        after = found[-1].id

        async def note(transaction: Transaction, number: int = len(found)) -> None:
            words = {"code": order.code, "source": order.source, "letters": number}
            await _note(transaction, now, "dead_letter", words)

        for result in await replayer.letters(found, EVERYTHING, note):
            count.add(result)
            _why(result)
    say(f"{_told(count)}; {count.mended} are mended, {count.cut} were kept only in part")


async def _note(transaction: Transaction, now: Now, kind: str, after: dict[str, object]) -> None:
    who = f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
    deed = audit.Deed(act="dead_letter.replay", who=who, kind=kind, address="local", after=after)
    await audit.record(transaction, deed, now())


def _why(result: Result) -> None:
    if result.outcome != "mended":
        say(f"# {result.id}: {result.reason}")


def _told(count: Count) -> str:
    return f"{count.tried} replayed: {count.kept} kept, {count.repeated} repeated, {count.refused} refused again"


def say(line: str) -> None:
    """One line to whoever ran the command."""
    print(line)  # noqa: T201
