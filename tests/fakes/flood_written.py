"""The tickets of the scripted flood as they were written down by reading, and what staff do with them."""

import datetime as dt
import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

import msgspec

from ioc.tickets.policy import Policy
from tests.fakes.flood import DATA, VIETNAM


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """By which version of the shipped policy the tickets were read."""

    version: int
    digest: str


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A lead ticket with its parts."""

    about: str
    at: dt.datetime
    severity: str
    lead: str
    parts: tuple[str, ...]
    why: str


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """A part that comes later."""

    about: str
    at: dt.datetime
    severity: str
    unit: str
    lead: str
    why: str


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """When a ticket has to be accepted and done."""

    about: str
    at: dt.datetime
    unit: str
    accept_by: dt.datetime
    due_at: dt.datetime
    why: str


class Tickets(msgspec.Struct, frozen=True, kw_only=True):
    """All of tickets.toml."""

    policy: Reading
    opened: tuple[Opened, ...]
    joined: tuple[Joined, ...]
    deadline: tuple[Deadline, ...]


class Habit(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to tickets without a story, in minutes after they came."""

    accept_min: int
    resolve_min: int
    verify_min: int
    close_min: int


class ByHand(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that somebody opens."""

    at: dt.datetime
    about: str
    who: str


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """What is done with one ticket, and what comes of it; `unit` and `at` are where and when it was opened."""

    about: str
    unit: str
    at: dt.datetime
    why: str
    deeds: tuple[str, ...]
    refused: tuple[str, ...] = ()
    log: tuple[str, ...]
    told: tuple[str, ...]
    due_at: dt.datetime | None = None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator says of an incident."""

    at: dt.datetime
    about: str
    step: str
    of: str = ""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What the channel of a report is offered."""

    report: str
    why: str
    steps: tuple[str, ...]


class Deeds(msgspec.Struct, frozen=True, kw_only=True):
    """All of deeds.toml."""

    habit: Habit
    by_hand: tuple[ByHand, ...]
    story: tuple[Story, ...]
    said: tuple[Said, ...]
    answered: tuple[Answered, ...]


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """A step that somebody takes at a moment."""

    at: dt.datetime
    step: str
    who: str
    unit: str = ""
    words: str = ""


@cache
def tickets() -> Tickets:
    """The expected tickets."""
    return msgspec.convert(tomllib.loads(DATA.joinpath("tickets.toml").read_text("utf-8")), Tickets)


@cache
def deeds() -> Deeds:
    """What people do, and what comes of it."""
    return msgspec.convert(tomllib.loads(DATA.joinpath("deeds.toml").read_text("utf-8")), Deeds)


def digest_of(policy: Policy) -> str:
    """What tells one text of a policy from another, whatever its comments say."""
    return hashlib.sha256(msgspec.json.encode(policy, order="deterministic")).hexdigest()[:16]


def minute(at: dt.datetime) -> str:
    """A moment as deeds.toml writes it."""
    return f"{at.astimezone(VIETNAM):%d %H:%M}"


def moment(text: str) -> dt.datetime:
    """The moment of `26 08:10`: of October 2025, or of November where the day is a small number."""
    day, _, clock = text.partition(" ")
    month = 10 if int(day) > 20 else 11
    return dt.datetime.combine(dt.date(2025, month, int(day)), dt.time.fromisoformat(clock), VIETNAM)


def deed(text: str) -> Deed:
    """A deed of a story."""
    doing, _, words = text.partition(" | ")
    doing, _, unit = doing.partition(" > ")
    step, who = doing[9:].split()
    return Deed(at=moment(doing[:8]), step=step, who=who, unit=unit, words=words)


def habitual(unit: str, at: dt.datetime) -> tuple[Deed, ...]:
    """What is done with a ticket that came to a unit, where no story is told of it."""
    habit, officer = deeds().habit, f"{unit}-1"

    def after(minutes: int, step: str, who: str, words: str = "") -> Deed:
        return Deed(at=at + dt.timedelta(minutes=minutes), step=step, who=who, words=words)

    return (
        after(habit.accept_min, "accept", officer),
        after(habit.resolve_min, "resolve", officer, "Đã xử lý"),
        after(habit.verify_min, "verify", "quang-nam-2"),
        after(habit.close_min, "close", "quang-nam-2", "Các phần việc khác làm tiếp"),
    )


class Tale(msgspec.Struct, frozen=True, kw_only=True):
    """What must come of a ticket: the lines of its log in their order, and who is told what."""

    about: str
    unit: str
    at: str
    lead: str
    severity: str
    log: tuple[str, ...]
    told: tuple[str, ...]


def tales() -> Iterator[Tale]:
    """Of every ticket what must come of it: its story, else the habit of everybody."""
    for one in tickets().opened:
        yield _tale(one.about, one.lead, one.at, "", one.severity)
        for part in one.parts:
            yield _tale(one.about, part, one.at, one.lead, one.severity)
    for late in tickets().joined:
        yield _tale(late.about, late.unit, late.at, late.lead, late.severity)


def _tale(about: str, unit: str, at: dt.datetime, lead: str, severity: str) -> Tale:
    story = story_of([about], unit, at)
    if story is not None:
        log, told = story.log, story.told
    else:
        log, told = _habitual_log(unit, at, lead)
    return Tale(about=about, unit=unit, at=minute(at), lead=lead, severity=severity, log=log, told=told)


def story_of(
    labels: Sequence[str], unit: str, at: dt.datetime, late: dt.timedelta = dt.timedelta(minutes=1)
) -> Story | None:
    """The story of a ticket that was opened at a unit for an incident with these members, at its minute or later."""
    found = (one for one in deeds().story if one.about in labels and one.unit == unit)
    return next((one for one in found if one.at <= at < one.at + late), None)


def _habitual_log(unit: str, at: dt.datetime, lead: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who resolved it tells where it came from (the province, or the unit that leads), unless that is himself; that it
    was verified is told to who did it; a new ticket to who is on duty."""
    accept, resolve, verify, close = habitual(unit, at)
    asked = _asked_by_hand(unit, at)
    log = (
        f"{minute(at)} opened {asked or 'system'} {unit}",
        f"{minute(accept.at)} accepted {accept.who} {unit}",
        f"{minute(resolve.at)} resolved {resolve.who} {unit}",
        f"{minute(verify.at)} verified {verify.who} {unit}",
        f"{minute(close.at)} closed {close.who} {unit}",
    )
    asker = f"{lead or 'quang-nam'}-1"
    told = [
        f"{minute(at)} opened: {unit}-1",
        *([f"{minute(resolve.at)} resolved: {asker}"] if asker != resolve.who else []),
        f"{minute(verify.at)} verified: {unit}-1",
    ]
    return log, tuple(told)


def _asked_by_hand(unit: str, at: dt.datetime) -> str:
    """Who asked for a part, where a story says so."""
    asking = (deed(text) for one in deeds().story for text in one.deeds if " sub " in text)
    return next((one.who for one in asking if one.unit == unit and minute(one.at) == minute(at)), "")


def counted(lines: Sequence[str]) -> Counter[str]:
    """Lines and how often each is there."""
    return Counter(lines)
