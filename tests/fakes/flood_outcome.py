"""What the store holds of tickets when the scripted flood is over, and how it differs from what was written down."""

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg
import msgspec

from ioc.tell.grouping import REPEAT
from tests.fakes import flood
from tests.fakes import flood_written as written
from tests.fakes.flood_hands import TicketOffice
from tests.fakes.flood_written import Tale, minute

Rows = Sequence[asyncpg.Record]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as the store has it; `labels` are the members of its incident when it was opened."""

    labels: tuple[str, ...]
    row: Mapping[str, Any]
    tale: Tale
    first: Mapping[str, Any]
    updates: tuple[str, ...] = ()


async def tickets(office: TicketOffice, admin: asyncpg.Connection) -> list[Found]:
    """All tickets, by number, each with its log and who was told of it what."""
    rows = await admin.fetch("select * from tickets order by number")
    lines = _by_ticket(await admin.fetch("select * from ticket_log order by id"))
    told = _by_ticket(await admin.fetch("select * from notifications where ticket is not null order by at, id"))
    opened = {row["id"]: lines[row["id"]][0] for row in rows}
    found = []
    for row in rows:
        first = opened[row["id"]]
        tale = Tale(
            about="",
            unit=first["unit"],
            at=minute(first["at"]),
            lead=opened[row["parent"]]["unit"] if row["parent"] is not None else "",
            severity=first["severity"],
            log=tuple(_line(line) for line in lines[row["id"]]),
            told=_told(told[row["id"]]),
        )
        found.append(Found(labels=office.labels[row["id"]], row=row, tale=tale, first=first))
    return found


def _by_ticket(rows: Rows) -> defaultdict[uuid.UUID, list[asyncpg.Record]]:
    found: defaultdict[uuid.UUID, list[asyncpg.Record]] = defaultdict(list)
    for row in rows:
        found[row["ticket"]].append(row)
    return found


def _line(line: Mapping[str, Any]) -> str:
    said = {
        "severity": line["severity"],
        **dict.fromkeys(("notified", "reminded", "escalated"), line["text"]),
    }.get(line["what"], "")
    return " ".join(filter(None, (minute(line["at"]), line["what"], line["who"], line["unit"], said)))


def _told(rows: Rows) -> tuple[str, ...]:
    """Who was told what when; each thing once, with all who were told of it."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        found.setdefault((minute(row["at"]), _what(row["key"]), row["key"]), []).append(row["recipient"])
    return tuple(f"{at} {what}: {' '.join(sorted(logins))}" for (at, what, _), logins in found.items())


def _what(key: str) -> str:
    """`<ticket>/escalation/accept/khan/0/0/0` is "accept khan/0", a nag's round is said, a change is its word."""
    _, *parts = key.split("/")
    if parts[0] not in ("escalation", "reminder"):
        return parts[0]
    _, stage, *step, _, number = parts
    return " ".join((stage, "/".join(step), *([number] if number != "0" else [])))


def differences(found: Iterable[Found]) -> list[str]:
    """What is missing and what is too much, a sentence each."""
    left = list(found)
    wrong = []
    for tale in written.tales():
        same = next((one for one in left if tale.about in one.labels and _named(one.tale) == _named(tale)), None)
        if same is None:
            wrong.append(f"no ticket {tale.about} {_named(tale)}")
            continue
        left.remove(same)
        wrong += _unlike(tale, same.tale)
    return wrong + [f"too much: {one.labels[0]} {_named(one.tale)} {one.tale.log}" for one in left]


def _named(tale: Tale) -> tuple[str, str, str, str]:
    return tale.at, tale.severity, tale.unit, tale.lead


def _unlike(expected: Tale, found: Tale) -> list[str]:
    name = f"{expected.about} at {expected.unit}"
    wrong = []
    if expected.log != found.log:
        wrong.append(f"{name}: the log is\n  " + "\n  ".join(found.log) + "\nexpected\n  " + "\n  ".join(expected.log))
    told = Counter(found.told)
    told.subtract(expected.told)
    wrong += [f"{name}: told too much: {line}" for line, number in told.items() if number > 0]
    return wrong + [f"{name}: not told: {line}" for line, number in told.items() if number < 0]


def other_units(found: Iterable[Found]) -> list[str]:
    """Incidents on which other units worked than was written down, whoever led and whenever it came to them."""
    all_found = list(found)
    wanted: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    members = {name: one.members for one in flood.expected().incident for name in one.members}
    for tale in written.tales():
        wanted[members.get(tale.about, (tale.about,))].add(tale.unit)
    wrong = []
    for about, units in wanted.items():
        there = {one.tale.unit for one in all_found if not set(about).isdisjoint(one.labels)}
        wrong += [f"{about[0]}: {sorted(there)}, expected {sorted(units)}"] if there != units else []
    known = {name for about in wanted for name in about}
    return wrong + [f"too much: {one.labels[0]}" for one in all_found if known.isdisjoint(one.labels)]


def late(found: Sequence[Found]) -> list[str]:
    """Deadlines that are not those that were written down."""
    wrong = []
    for one in written.tickets().deadline:
        of = [
            it for it in found if one.about in it.labels and it.tale.unit == one.unit and it.tale.at == minute(one.at)
        ]
        if not of:
            wrong.append(f"no ticket {one.about} at {one.unit}, {minute(one.at)}")
            continue
        set_for = _minutes(of[0].first["accept_by"], of[0].first["due_at"])
        wanted = _minutes(one.accept_by, one.due_at)
        wrong += [f"{one.about} at {one.unit}: deadlines {set_for}, expected {wanted}"] if set_for != wanted else []
    for story in written.deeds().story:
        if story.due_at is not None:
            of = [it for it in found if written.story_of(it.labels, it.tale.unit, it.first["at"]) is story]
            due = [_minutes(it.row["due_at"]) for it in of]
            wrong += [f"{story.about}: due {due}"] if due != [_minutes(story.due_at)] else []
    return wrong


def _minutes(*moments: dt.datetime | None) -> tuple[str, ...]:
    return tuple("-" if one is None else minute(one) for one in moments)


async def answered(admin: asyncpg.Connection) -> list[str]:
    """What channels of reports were offered, where it is not what was written down."""
    rows = await admin.fetch("select number, step, at from report_updates order by place")
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row["number"]].append(f"{minute(row['at'])} {row['step']}")
    wanted = {one.report: list(one.steps) for one in written.deeds().answered}
    wrong = [
        f"{name}: offered {found[name]}, expected {steps}" for name, steps in wanted.items() if found[name] != steps
    ]
    twice = [f"{name}: offered twice: {steps}" for name, steps in found.items() if len(set(steps)) < len(steps)]
    return wrong + twice


async def untold(admin: asyncpg.Connection) -> list[str]:
    """Notifications that are in no message, or in another one within four hours (what is still open is told again
    then), and those whose message did not arrive."""
    rows = await admin.fetch("""
        select n.key, n.recipient, m.state, m.created_at,
               m.created_at - lag(m.created_at) over (partition by n.id order by m.created_at) as since
        from notifications n
        left join message_items i on i.notification = n.id left join messages m on m.id = i.message
    """)
    return [
        f"{row['recipient']} of {row['key']}: {row['state']}, {row['since']} after the one before"
        for row in rows
        if row["state"] != "told" or (row["since"] is not None and row["since"] < REPEAT)
    ]
