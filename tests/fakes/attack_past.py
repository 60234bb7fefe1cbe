"""How the routes about the past are attacked: a picture of a moment must hold nothing of the other centre."""

import datetime as dt
from collections.abc import Callable, Iterator

from ioc.access.scope import EVERYTHING
from ioc.store.changes import Change, record
from tests.fakes.attack_things import Attack, Things
from tests.fakes.http_centre import Centre, now

BASE = "/api/v1/past"
BEGUN = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


async def shown(centre: Centre, things: Things, lon: float, lat: float) -> None:
    """A centre's things as the log tells of them, after a time in which nothing was there."""
    await centre.owner.execute("insert into past_pictures values (0, $1, '{}') on conflict do nothing", BEGUN)
    place = {"type": "Point", "coordinates": [lon, lat]}
    kinds = {
        "incident": (things.incident, {"status": "new"}),
        "alarm": (things.alarm, {"cleared_at": None, "match": "opened"}),
        "ticket": (things.ticket, {"state": "new"}),
        "device": (things.device, {"state": "lost"}),
        "camera": (things.camera, {"state": "live"}),
    }
    told = [
        Change(
            subject=subject, subject_id=name, op="put", centre=things.centre, area="502@2024-09-01", at=now(),
            value={"type": "Feature", "id": name, "geometry": place, "properties": about | {"title": things.mark}},
        )
        for subject, (name, about) in kinds.items()
    ]  # fmt: skip
    async with centre.database.transaction(EVERYTHING) as transaction:
        await record(transaction, told)


def picture(path: str, other: Things) -> Iterator[Attack]:
    """Of now, of a moment before all of it, and of one to come."""
    for seconds in (0, 86_400, -86_400):
        at = now() - dt.timedelta(seconds=seconds)
        yield Attack("GET", f"{path}?at={at:%Y-%m-%dT%H:%M:%S.%fZ}")


def changed(path: str, other: Things) -> Iterator[Attack]:
    """All of the log that a reader can name."""
    until = f"{now():%Y-%m-%dT%H:%M:%S.%fZ}"
    for since in ("2020-01-02T00:00:00Z", "1900-01-01T00:00:00Z"):
        for more in ("", "&limit=1", "&after=0", "&after=3"):
            yield Attack("GET", f"{path}?from={since}&to={until}{more}")


def span(path: str, other: Things) -> Iterator[Attack]:
    """How far it goes, with counts of one's own incidents alone."""
    yield Attack("GET", path)


RULES: dict[tuple[str, str], Callable[[str, Things], Iterator[Attack]]] = {
    ("get", BASE): picture,
    ("get", f"{BASE}/changes"): changed,
    ("get", f"{BASE}/span"): span,
}
