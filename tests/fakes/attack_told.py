"""What citizens and agencies told a centre of the attack tests, and how the routes about it are attacked."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import asyncpg

from tests.fakes.attack_things import Attack, Things
from tests.fakes.http_centre import new_id, now
from tests.fakes.scoped_rows import insert

AREA = "502@2024-09-01"
REPORTS, NOTICES = "/api/v1/reports", "/api/v1/notices"


def _channel(code: str) -> str:
    """Each centre has a channel of its own, whose numbers are known to everybody."""
    return f"hotline-{code}"


async def report(owner: asyncpg.Connection, code: str, mark: str) -> str:
    """A report whose every text is the mark, and who told it."""
    id = new_id()  # noqa: A001
    texts = dict.fromkeys(("text", "place", "entered_by"), mark)
    row: dict[str, Any] = {"id": id, "centre": code, "area": AREA, "channel": _channel(code), "number": "1"}
    row |= {"at": now(), "arrived_at": now(), "category": "flood", "severity": "minor", "error_m": 1.0, "photos": []}
    await insert(owner, "reports", row | texts | {"numbers": [mark], "geom": "SRID=4326;POINT(108.1 15.6)"})
    person = {"report": id, "centre": code, "area": AREA, "at": now(), "name": mark, "phone": mark}
    await insert(owner, "reporters", person)
    told = {
        "id": id,
        "report": id,
        "ticket": id,
        "centre": code,
        "area": AREA,
        "channel": _channel(code),
        "number": "1",
    }
    told |= {"version": 1, "step": "sent", "at": now(), "unit": mark, "state": "dead", "next_at": now(), "reason": mark}
    await insert(owner, "report_updates", told)
    return str(id)


async def notice(owner: asyncpg.Connection, code: str, mark: str) -> str:
    """A notice whose every text is the mark."""
    id: uuid.UUID = new_id()  # noqa: A001
    names = ("feed", "entered_by", "event", "headline", "headline_en", "description", "instruction", "place")
    row: dict[str, Any] = {
        "id": id,
        "thread": id,
        "centre": code,
        "area": AREA,
        "sender": f"s-{code}",
        "identifier": "1",
    }
    row |= {"sent": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "arrived_at": now(), "status": "actual", "kind": "alert"}
    row |= {name: [] for name in ("refers", "refers_sent", "refers_sender")} | {"numbers": [mark], "over": False}
    row |= {"category": "flood", "severity": "severe", "urgency": "unknown", "certainty": "unknown", "error_m": 1.0}
    await insert(owner, "notices", row | dict.fromkeys(names, mark) | {"geom": "SRID=4326;POINT(108.1 15.6)"})
    return str(id)


def one(path: str, other: Things) -> Iterator[Attack]:
    """A report or a notice by its id, and by ids of other things in its place."""
    for id in (other.report, other.notice, other.incident, other.media):  # noqa: A001
        yield Attack("GET", path.format(id=id), hidden=True)


def all_of(path: str, other: Things) -> Iterator[Attack]:
    """All of them, and by what would name the other's."""
    queries = ["", "?limit=1000", "?since=2020-01-01", "?category=flood", f"?before={uuid.UUID(int=(1 << 128) - 1)}"]
    if path == REPORTS:
        queries += [f"?channel={_channel(other.centre)}", f"?incident={other.incident}", "?state=open"]
    else:
        queries += [f"?sender=s-{other.centre}", f"?thread={other.notice}", f"?feed={other.mark}"]
    for query in queries:
        yield Attack("GET", path + query)


def tell(path: str, other: Things) -> Iterator[Attack]:
    """A report under a number that the other's has: it is not told what lies there."""
    place = [108.1, 15.6]
    yield Attack("POST", path, {"channel": _channel(other.centre), "number": "1", "position": place, "text": "x"})
    yield Attack("POST", path, {"channel": "1022", "number": f"{uuid.uuid4()}", "position": place, "text": "x"})


def announce(path: str, other: Things) -> Iterator[Attack]:
    """A notice under the name of the other's, and one that would cancel it."""
    sent = "2026-01-01T00:00:00Z"
    body = {"sender": f"s-{other.centre}", "identifier": "1", "sent": sent, "headline": "x", "position": [108.1, 15.6]}
    yield Attack("POST", path, body)
    name = {"sender": body["sender"], "identifier": "1", "sent": sent}
    yield Attack("POST", path, {**body, "identifier": f"{uuid.uuid4()}", "kind": "cancel", "references": [name]})


def withdraw(path: str, other: Things) -> Iterator[Attack]:
    """Withdrawing another's report."""
    yield Attack("POST", path.format(id=other.report), {"why": "not so"}, hidden=True)


def updates(path: str, other: Things) -> Iterator[Attack]:
    """What another's channel is told of its reports."""
    for query in ("", f"?report={other.report}", f"?channel={_channel(other.centre)}", "?state=dead", "?number=1"):
        yield Attack("GET", path + query)


def again(path: str, other: Things) -> Iterator[Attack]:
    """Sending again what another's channel was not told."""
    yield Attack("POST", path.format(id=other.report), {}, hidden=True)


def counted(path: str, other: Things) -> Iterator[Attack]:
    """The figures of another's units, and the tickets behind them."""
    for query in ("", f"?unit={other.centre}", "?from=2026-01-01&by=category"):
        if not path.endswith("/tickets") or "by=" not in query:
            yield Attack("GET", path + query)


RULES: dict[tuple[str, str], Callable[[str, Things], Iterator[Attack]]] = {
    ("get", REPORTS): all_of,
    ("post", REPORTS): tell,
    ("get", f"{REPORTS}/{{id}}"): one,
    ("post", f"{REPORTS}/{{id}}/withdraw"): withdraw,
    ("get", NOTICES): all_of,
    ("post", NOTICES): announce,
    ("get", f"{NOTICES}/{{id}}"): one,
    ("get", "/api/v1/report-updates"): updates,
    ("post", "/api/v1/report-updates/{id}/again"): again,
    **{("get", f"/api/v1/ticket-figures{end}"): counted for end in ("", "/tickets", "/export")},
}
"""By method and path, beside those of attack_world."""
