"""How the routes about the register are attacked: by persons of the other centre, some of whom keep their own."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.fakes.attack_things import Attack, Things

DEVICES, CAMERAS = "/api/v1/devices", "/api/v1/cameras"
STEPS = ("approve", "activate", "suspend", "resume", "retire")
HISTORY = """
insert into register_log (subject, code, version, at, who, act, reason, changes) values
  ('device', $1, 1, now(), $3, 'register', $3, '[]'), ('camera', $2, 1, now(), $3, 'register', $3, '[]')
"""
STEP = {"expected_version": 1, "reason": "because"}


def _code(path: str, other: Things) -> str:
    return other.device if path.startswith(DEVICES) else other.camera


def listed(path: str, other: Things) -> Iterator[Attack]:
    """All records, and by what would name the other's."""
    queries = ("", "?limit=500", f"?centre={other.centre}", f"?q={_code(path, other)}", "?fault=unlawful", "?after=a")
    for query in queries:
        yield Attack("GET", path + query)


def seeing(path: str, other: Things) -> Iterator[Attack]:
    """The records of cameras, and the cameras that see where the other's cameras look."""
    yield from listed(path, other)
    for place in ("108.105,15.605", "108.305,15.905", "108.1,15.6", "108.3,15.9"):
        yield Attack("GET", f"{path}?sees={place}&limit=200")
        yield Attack("GET", f"{path}?sees={place}&live=1")


def one(path: str, other: Things) -> Iterator[Attack]:
    """The other's record, its history, its photograph."""
    yield Attack("GET", path.format(code=_code(path, other)), hidden=True)


def made(path: str, other: Things) -> Iterator[Attack]:
    """A thing of the other's centre, and one under the code of the other's."""
    own: dict[str, Any] = {"profile": "river-gauge"} if path == DEVICES else {}
    plain = {"name": "mine", "position": [108.2, 15.6]} | own
    yield Attack("POST", path, plain | {"code": "mine", "centre": other.centre})
    yield Attack("POST", path, plain | {"code": _code(path, other)})


def changed(path: str, other: Things) -> Iterator[Attack]:
    """The other's record changed, and taken over."""
    address = path.format(code=_code(path, other))
    for fields in ({"name": "mine"}, {"position": [108.2, 15.6]}, {"centre": "quang-nam"}, {"centre": "hoi-an"}):
        yield Attack("PATCH", address, {"expected_version": 1, **fields}, hidden=True)


def many(path: str, other: Things) -> Iterator[Attack]:
    """The other's record among many."""
    codes = [{"code": _code(path, other), "expected_version": 1}]
    yield Attack("PATCH", path, {"codes": codes, "set": {"name": "mine"}})
    yield Attack("PATCH", path, {"codes": codes, "step": "suspend", "reason": "because"})


def step(path: str, other: Things) -> Iterator[Attack]:
    """A step of the life cycle of the other's thing."""
    yield Attack("POST", path.format(code=_code(path, other)), STEP, hidden=True)


def photo(path: str, other: Things) -> Iterator[Attack]:
    """A photograph put on the other's record; no picture, so that the record itself is asked for first."""
    yield Attack("PUT", path.format(code=_code(path, other)), hidden=True)


def calibration(path: str, other: Things) -> Iterator[Attack]:
    """Marks of the other's camera."""
    yield Attack("PUT", path.format(code=other.camera), {"expected_version": 1, "calibration": []}, hidden=True)


Rule = Callable[[str, Things], Iterator[Attack]]


def _of(base: str, listing: Rule) -> dict[tuple[str, str], Rule]:
    record = f"{base}/{{code}}"
    return {
        ("get", base): listing,
        ("post", base): made,
        ("patch", base): many,
        ("get", record): one,
        ("patch", record): changed,
        ("get", f"{record}/history"): one,
        ("get", f"{record}/photo"): one,
        ("put", f"{record}/photo"): photo,
        **{("post", f"{record}/{name}"): step for name in STEPS},
    }


RULES: dict[tuple[str, str], Rule] = {
    **_of(DEVICES, listed),
    **_of(CAMERAS, seeing),
    ("put", f"{CAMERAS}/{{code}}/calibration"): calibration,
}
