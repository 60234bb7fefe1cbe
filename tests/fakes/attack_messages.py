"""How the routes about what people are told are attacked: by persons of the other centre."""

import uuid
from collections.abc import Callable, Iterator

import asyncpg

from ioc.access.scope import Thing
from ioc.access.tokens import digest
from tests.fakes.attack_things import Attack, Things
from tests.fakes.http_centre import now
from tests.fakes.scoped_messages import delivery_row, message_row, notification_row
from tests.fakes.scoped_rows import insert

OWN, MESSAGES, CONTACTS = "/api/v1/notifications", "/api/v1/messages", "/api/v1/contacts/{login}"


async def told(owner: asyncpg.Connection, centre: str, mark: str, ticket: str) -> str:
    """A dead letter to somebody of the centre about its ticket, marked in all its words; its id. The centre's operator
    has contacts that are marked."""
    message, login = uuid.uuid4(), f"{centre}-watch"
    thing = Thing("message", centre, "502@2024-09-01")
    words = dict.fromkeys(("thread", "title", "title_en", "body", "body_en", "link"), mark)
    row = notification_row(mark, thing, now()) | words | {"recipient": login, "ticket": uuid.UUID(ticket)}
    await insert(owner, "notifications", row)
    number = await owner.fetchval("select id from notifications where key = $1", mark)
    await insert(owner, "messages", message_row(message, now()) | {"recipient": login, "reason": mark})
    await insert(owner, "message_items", {"message": message, "notification": number})
    sent = delivery_row(message, now()) | {"reason": mark, "reference": mark, "address": mark, "token": digest(mark)}
    await insert(owner, "deliveries", sent)
    way = f'[{{"channel": "mail", "address": "{mark}@example.vn", "least": "minor"}}]'
    await owner.execute(
        "insert into contacts values ($1, $2, null, null, 1, $3, now())", f"{centre}-operator", way, mark
    )
    return str(message)


def own(path: str, other: Things) -> Iterator[Attack]:
    """One's own, which hold nothing of another's, also from where the other's would be."""
    for query in ("", "?limit=200", "?before=999999999", "?unread=1", "?mark=x&wait=1"):
        yield Attack("GET", path + query)


def read(path: str, other: Things) -> Iterator[Attack]:
    """Reading for somebody else."""
    yield Attack("POST", path, {"through": "999999999", "ids": ["1", "2"]})


def listed(path: str, other: Things) -> Iterator[Attack]:
    """The log, by everything that would name the other's."""
    queries = (
        "", "?limit=500", "?dead=true", "?state=dead", "?recipient=me", f"?recipient={other.centre}-watch",
        f"?ticket={other.ticket}", "?before=ffffffff-ffff-ffff-ffff-ffffffffffff",
    )  # fmt: skip
    for query in queries:
        yield Attack("GET", path + query)


def message(path: str, other: Things) -> Iterator[Attack]:
    """A message of the other centre, to be read and to be sent again."""
    yield Attack("POST" if path.endswith("again") else "GET", path.format(id=other.message), hidden=True)


def contacts(path: str, other: Things) -> Iterator[Attack]:
    """Where the other centre's operator can be reached."""
    yield Attack("GET", path.format(login=f"{other.centre}-operator"), hidden=True)


def change(path: str, other: Things) -> Iterator[Attack]:
    """Having the other centre's messages sent elsewhere."""
    body = {"expected_version": 1, "channels": [{"channel": "mail", "address": "me@example.vn"}]}
    yield Attack("PUT", path.format(login=f"{other.centre}-operator"), body, hidden=True)


def receipt(path: str, other: Things) -> Iterator[Attack]:
    """Receipts under words that nobody was given."""
    for word in (other.message, other.centre, "0"):
        yield Attack("POST", path.format(token=word), {"status": "delivered"}, hidden=True)


RULES: dict[tuple[str, str], Callable[[str, Things], Iterator[Attack]]] = {
    ("get", OWN): own,
    ("post", f"{OWN}/read"): read,
    ("get", MESSAGES): listed,
    ("get", f"{MESSAGES}/{{id}}"): message,
    ("post", f"{MESSAGES}/{{id}}/again"): message,
    ("get", CONTACTS): contacts,
    ("put", CONTACTS): change,
    ("post", "/api/v1/receipts/{token}"): receipt,
}
