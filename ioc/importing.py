"""Files of the register from upload to rows: a dry run that writes nothing, and what is applied of it.

What takes long is done in a thread; the database is asked for many things in one statement each.
"""

import asyncio
import contextlib
import datetime as dt
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec

from gis.position import Position
from ioc import data as shipped
from ioc.access.scope import Scope, Thing
from ioc.registration import headings, judging, rows, sheet_read
from ioc.registration.judging import Owner, Register
from ioc.registration.lawful import Law
from ioc.registration.record import AnyRecord, Author, Subject, changes
from ioc.registration.rows import Known, Reading, Row
from ioc.registration.sheet import Words
from ioc.retention import classes, media_classes
from ioc.store import imports, placing_many, register_bulk, register_changes
from ioc.store.away import DEADLOCK
from ioc.store.database import Database, Transaction
from ioc.store.imports import Import
from ioc.store.register_changes import Kept
from ioc.store.register_frame import Frame, frame

ACT = "import"
"""What the history calls a change that came in a file."""

SCENES: Mapping[str, tuple[str, ...]] = {
    "street": ("Đường phố", "Đường"),
    "indoor": ("Trong nhà",),
    "overhead": ("Từ trên xuống", "Trên cao"),
    "square": ("Quảng trường", "Sân bãi"),
}
"""Scenes of cameras, and what they are called in files."""


AGAIN = 2
"""How often applying a file is tried again when PostgreSQL ended it to undo a deadlock."""

Note = Callable[[Transaction, Import, Mapping[str, int]], Any]
"""Told in the transaction what became of a file: how many rows have each outcome."""


class Sender(msgspec.Struct, frozen=True):
    """Who sends a file: a login, the address from which, and what the person may see and change."""

    login: str
    address: str
    scope: Scope


class Result(msgspec.Struct, frozen=True):
    """What became of a dry run that was applied: it is now, and the records that were written."""

    about: Import
    rows: list[Row]
    """Those that were tried this time."""


def profile_names(codes: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Profiles with what the shipped ones are called."""
    known: Mapping[str, Any] = shipped.profiles()
    return {code: tuple(known[code][name] for name in ("name", "name_en")) if code in known else () for code in codes}


class Importing:
    """Dry runs and their applying, with what the installation knows. One at a time works on a file."""

    def __init__(self, database: Database, law: Law, profiles: Collection[str]) -> None:
        self._database = database
        self._law = law
        self._profiles = profiles
        self._turn = asyncio.Lock()

    def known(self, about: Frame, subject: Subject) -> Known:
        """What cells may name."""
        return Known(
            centres=about.centres,
            areas=about.areas,
            profiles=profile_names(sorted(self._profiles)),
            retention=dict.fromkeys(media_classes() if subject == "camera" else classes(), ()),
            scenes=SCENES,
        )

    async def frame(self, scope: Scope, day: dt.date) -> Frame:
        """Names of centres and units, as they are on a local day."""
        async with self._database.transaction(scope, read_only=True) as transaction:
            return await frame(transaction, day)

    async def dry_run(self, sender: Sender, subject: Subject, content: bytes, now: dt.datetime, day: dt.date) -> Import:
        """Read and judge a file, and keep what was found. Raises SheetError for what is no table."""
        async with self._turn:
            about = await self.frame(sender.scope, day)
            how = rows.reading(subject, self.known(about, subject), about.home)
            table, found = await asyncio.to_thread(_read, content, subject, how)
            async with self._database.transaction(sender.scope) as transaction:
                register = await self._register(transaction, sender.scope, subject, found, about)
                await _place(transaction, found, register.known, day)
            packed = await asyncio.to_thread(_judge, found, register)
            made = Import(
                id=uuid.uuid4(),
                login=sender.login,
                subject=subject,
                made_at=now,
                expires_at=now + imports.LASTS,
                headings=table.texts,
                unknown=table.unknown,
                rows=found,
            )
            async with self._database.transaction(sender.scope) as transaction:
                await imports.keep(transaction, made, packed)
            return made

    async def find(self, sender: Sender, wanted: uuid.UUID, now: dt.datetime) -> Import | None:
        """A person's dry run with its rows, None when there is none (any more)."""
        async with self._database.transaction(sender.scope, read_only=True) as transaction:
            kept = await imports.one(transaction, wanted, sender.login, now)
        return None if kept is None else await asyncio.to_thread(_whole, kept)

    async def apply(
        self,
        sender: Sender,
        wanted: uuid.UUID,
        now: dt.datetime,
        day: dt.date,
        *,
        accept: bool,
        note: Note,
    ) -> Result | None:
        """Write the rows that are good, with `accept` those too that their offers mend; None: there is no such dry run.

        What was changed since the dry run is refused. What has been applied is not applied again. `note` is called in
        the transaction with what became of it; again where that was undone, because PostgreSQL ended it so that others
        who held what it waited for could go on.
        """
        async with self._turn:
            for _ in range(AGAIN):
                with contextlib.suppress(*DEADLOCK):
                    return await self._applied(sender, wanted, now, day, accept, note)
            return await self._applied(sender, wanted, now, day, accept, note)

    async def _applied(
        self, sender: Sender, wanted: uuid.UUID, now: dt.datetime, day: dt.date, accept: bool, note: Note
    ) -> Result | None:
        async with self._database.transaction(sender.scope) as transaction:
            kept = await imports.one(transaction, wanted, sender.login, now, lock=True)
            if kept is None:
                return None
            about = await asyncio.to_thread(_whole, kept)
            chosen = [
                row for row in about.rows if not row.applied and (row.outcome != "refused" or _mends(row, accept))
            ]
            written = await self._write(transaction, sender, about, chosen, now, day)
            packed = await asyncio.to_thread(imports.packed, about.rows)
            await imports.applied(transaction, about.id, packed, now)
            about = msgspec.structs.replace(about, applied_at=now)
            await note(transaction, about, count(chosen))
            await register_changes.tell(transaction, written, now)
        return Result(about, chosen)

    async def _write(
        self, transaction: Transaction, sender: Sender, about: Import, chosen: list[Row], now: dt.datetime, day: dt.date
    ) -> list[Kept]:
        subject, by, reason = about.subject, Author(sender.login, sender.address), f"import {about.id}"
        before = await register_bulk.held(transaction, subject, [row.code for row in chosen])
        register = await self._register(
            transaction, sender.scope, subject, chosen, await frame(transaction, day), before, about.rows
        )
        new, changed = await asyncio.to_thread(_settled, chosen, register)
        made = await register_bulk.register_things(
            transaction, list(new.values()), by=by, now=now, act=ACT, reason=reason
        )
        for code in new.keys() - {one.after.code for one in made}:
            _refuse(next(row for row in chosen if row.code == code), _TAKEN)
        more = await register_bulk.change_things(transaction, changed, by=by, now=now, act=ACT, reason=reason)
        return [*made, *more]

    async def _register(
        self,
        transaction: Transaction,
        scope: Scope,
        subject: Subject,
        found: list[Row],
        about: Frame,
        known: Mapping[str, AnyRecord] | None = None,
        whole: Sequence[Row] = (),
    ) -> Register:
        """What the rows are compared with; `whole` are all rows of the file where `found` are not."""
        codes = [row.code for row in found if row.code]
        if known is None:
            known = await register_bulk.known(transaction, subject, codes)
        hung = {str(gateway) for row in found if (gateway := row.fields.get("gateway"))}
        gateways = {code: one.centre for code, one in (await register_bulk.known(transaction, "device", hung)).items()}
        if subject == "device":
            gateways |= {row.code: "" for row in (whole or found) if row.code in hung - gateways.keys()}
        return Register(
            subject=subject,
            known=known,
            taken=await register_bulk.taken(transaction, scope, codes),
            gateways=gateways,
            law=self._law,
            reaches=lambda centre, area, code: scope.reaches(
                Thing(subject, centre, area, code if subject == "camera" else None)
            ),
            serves=about.serves,
            gone=about.gone,
            bound=scope.centres is not None,
        )


def _read(content: bytes, subject: Subject, how: Reading) -> tuple[headings.Table, list[Row]]:
    sheet = sheet_read.read(content, lambda cells: headings.count(cells, subject))
    table = headings.table(sheet, subject)
    return table, rows.read(table, how)


async def _place(transaction: Transaction, found: list[Row], known: Mapping[str, AnyRecord], day: dt.date) -> None:
    """Whose the places are of what is new or moves: all in one statement."""
    asked: list[tuple[Row, Position]] = [
        (row, position) for row in found if not row.stopped for position in judging.places_of(row, known)
    ]
    owners = await placing_many.owners(transaction, [position for _, position in asked], day)
    for (row, position), owner in zip(asked, owners, strict=True):
        judging.owned(row, position, Owner(owner.centre, owner.area, owner.near, owner.metres))


def _judge(found: list[Row], register: Register) -> bytes:
    for row in found:
        judging.judge(row, register)
    return imports.packed(found)


def _whole(kept: imports.Kept) -> Import:
    return msgspec.structs.replace(kept.about, rows=imports.unpacked(kept.rows))


def _mends(row: Row, accept: bool) -> bool:
    return accept and row.mendable


def _settled(chosen: list[Row], register: Register) -> tuple[dict[str, AnyRecord], list[tuple[AnyRecord, AnyRecord]]]:
    """New records by code, and pairs of what is changed; each row says what became of it."""
    new: dict[str, AnyRecord] = {}
    changed: list[tuple[AnyRecord, AnyRecord]] = []
    for row in chosen:
        before = register.known.get(row.code)
        if (0 if before is None else before.version) != row.version:
            _refuse(row, _changed_since(before))
            continue
        if before is None and register.taken.get(row.code):
            _refuse(row, _TAKEN)
            continue
        spoken = len(row.cells)
        wanted = judging.settle(row, row.fields | row.offered, before, register)
        if wanted is None or any(cell.stops for cell in row.cells[spoken:]):
            row.outcome = "refused"
            continue
        row.applied = True
        if before is None:
            row.outcome, new[row.code] = "new", wanted
        else:
            row.outcome = "changed" if changes(before, wanted) else "same"
            changed.append((before, wanted))
    return new, changed


_TAKEN = Words(
    "Mã này vừa được người khác đăng ký sau khi kiểm tra tệp.",
    "Somebody has registered this code since the file was checked.",
)


def _changed_since(before: AnyRecord | None) -> Words:
    if before is None:
        return Words(
            "Mã này không còn trong danh bạ của bạn; hãy kiểm tra lại tệp.",
            "It is not in your register any more; check the file again.",
        )
    who = before.updated_by or "?"
    return Words(
        f"{who} đã sửa dòng này (phiên bản {before.version}) sau khi kiểm tra tệp; hãy kiểm tra lại tệp.",
        f"{who} has changed it (version {before.version}) since the file was checked; check the file again.",
    )


def _refuse(row: Row, words: Words) -> None:
    row.outcome, row.applied = "refused", False
    row.say("code", words)


def count(found: Sequence[Row]) -> dict[str, int]:
    """How many rows have each outcome, and how many of the refused their offers would mend."""
    counts = dict.fromkeys(("new", "changed", "same", "refused"), 0)
    for row in found:
        counts[row.outcome] += 1
    return counts | {"mendable": sum(row.outcome == "refused" and row.mendable for row in found)}
