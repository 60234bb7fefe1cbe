"""How the routes of enrolment are attacked: by persons of the other centre, and by strangers."""

import hashlib
import uuid
from collections.abc import Callable, Iterator

import asyncpg

from tests.fakes.attack_things import Attack, Things

BASE = "/api/v1/enrolments"
PATH = "/api/v1/enrol"


def id_of(centre: str, what: str) -> uuid.UUID:
    """The id of a centre's code or enrolment."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{what} {centre}")


async def waiting(owner: asyncpg.Connection, centre: str, mark: str) -> None:
    """A marked code that is good, and a marked device that waits; an unknown one that spoke with its mark."""
    for what in ("free", "used"):
        await owner.execute(
            "insert into enrolment_codes (digest, id, subject, centre, kind, note, made_by, made_at, expires_at) "
            "values (sha256($1), $2, 'device', $3, 'river-gauge', $4, $4, now(), now() + interval '1 d')",
            f"{what} {centre}".encode(), id_of(centre, what), centre, mark,
        )  # fmt: skip
    await owner.execute(
        "insert into enrolments (id, code_digest, ticket, subject, centre, state, said, address, arrived_at) "
        "values ($1, sha256($2), sha256($3), 'device', $4, 'waiting', jsonb_build_object('serial', $5::text), $5, "
        "now())",
        id_of(centre, "waiting"), f"used {centre}".encode(), f"ticket {centre}".encode(), centre, mark,
    )  # fmt: skip


def look(path: str, other: Things) -> Iterator[Attack]:
    """The whole queue, and all codes."""
    yield Attack("GET", path)
    if path == BASE:
        yield Attack("GET", f"{path}?which=all")


def make(path: str, other: Things) -> Iterator[Attack]:
    """A code for a device of the other centre."""
    yield Attack("POST", path, {"centre": other.centre, "profile": "river-gauge"}, hidden=True)


def revoke(path: str, other: Things) -> Iterator[Attack]:
    """A code of the other centre taken back."""
    yield Attack("DELETE", path.format(id=id_of(other.centre, "free")), hidden=True)


def decide(path: str, other: Things) -> Iterator[Attack]:
    """A device of the other centre let in, or sent away."""
    body = {"reason": "no"} if path.endswith("refuse") else {"code": "mine-now", "name": "x", "position": [108.0, 15.5]}
    yield Attack("POST", path.format(id=id_of(other.centre, "waiting")), body, hidden=True)


def stranger(path: str, other: Things) -> Iterator[Attack]:
    """The digests, which a stolen table would show, open nothing; who goes on is told to wait."""
    name = "ticket" if path.endswith("collect") else "code"
    for what in ("free", "used", "ticket"):
        stolen = hashlib.sha256(f"{what} {other.centre}".encode()).hexdigest()
        yield Attack("POST", path, {name: stolen})


def label(path: str, other: Things) -> Iterator[Attack]:
    """The label of the other's device or camera."""
    yield Attack("GET", path.format(code=other.camera if "cameras" in path else other.device), hidden=True)


RULES: dict[tuple[str, str], Callable[[str, Things], Iterator[Attack]]] = {
    ("get", BASE): look,
    ("get", f"{BASE}/codes"): look,
    ("post", f"{BASE}/codes"): make,
    ("delete", f"{BASE}/codes/{{id}}"): revoke,
    ("post", f"{BASE}/{{id}}/approve"): decide,
    ("post", f"{BASE}/{{id}}/refuse"): decide,
    ("post", PATH): stranger,
    ("post", f"{PATH}/collect"): stranger,
    ("get", "/api/v1/devices/{code}/label"): label,
    ("get", "/api/v1/cameras/{code}/label"): label,
}
