"""Devices and cameras that belong to another unit or centre from now on: rows, dated past, change log.

In sets, because a release of units moves a province's devices at once.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, LiteralString

from gis.layers import CAMERAS, DEVICES
from ioc.store.changes import Change, record
from ioc.store.database import Transaction
from ioc.store.layers import features_of
from ioc.store.resettling import Placing

_LAYERS = {"device": DEVICES, "camera": CAMERAS}

_MOVED: dict[str, LiteralString] = {
    "device": """
update devices d set centre = n.centre, area = n.area, version = d.version + 1, updated_at = $4, updated_by = $5
from unnest($1::text[], $2::text[], $3::text[]) n (code, centre, area) where d.code = n.code
""",
    "camera": """
update cameras d set centre = n.centre, area = n.area, version = d.version + 1, updated_at = $4, updated_by = $5
from unnest($1::text[], $2::text[], $3::text[]) n (code, centre, area) where d.code = n.code
""",
}

_STANDS: dict[str, LiteralString] = {
    "device": """
insert into positions (code, subject, valid_from, centre, area, geom)
select code, 'device', $2, centre, area, geom from devices where code = any ($1::text[])
on conflict (code, valid_from) do update set centre = excluded.centre, area = excluded.area, geom = excluded.geom
""",
    "camera": """
insert into positions (code, subject, valid_from, centre, area, geom)
select code, 'camera', $2, centre, area, geom from cameras where code = any ($1::text[])
on conflict (code, valid_from) do update set centre = excluded.centre, area = excluded.area, geom = excluded.geom
""",
}


async def move(
    transaction: Transaction, moves: Sequence[Placing], who: str, reason: str, now: dt.datetime
) -> Callable[[], Awaitable[None]]:
    """Move them; what is returned tells the maps, last of all (`changes.record`)."""
    for subject in _LAYERS:
        some = [one for one in moves if one.before.subject == subject]
        codes = [one.before.code for one in some]
        columns = codes, [one.centre for one in some], [one.area for one in some]
        if some:
            await transaction.connection.execute(_MOVED[subject], *columns, now, who)
            await transaction.connection.execute(_STANDS[subject], codes, now)

    async def tell() -> None:
        await record(
            transaction, [change for subject in _LAYERS for change in await _told(transaction, subject, moves, now)]
        )

    return tell


async def _told(transaction: Transaction, subject: str, moves: Sequence[Placing], now: dt.datetime) -> list[Change]:
    some = {one.before.code: one for one in moves if one.before.subject == subject}
    features: list[dict[str, Any]] = await features_of(transaction, _LAYERS[subject], list(some))
    return [
        Change(
            subject=subject,
            subject_id=feature["id"],
            op="put",
            centre=some[feature["id"]].centre,
            area=some[feature["id"]].area,
            centre_before=some[feature["id"]].before.centre,
            area_before=some[feature["id"]].before.area,
            at=now,
            value=feature,
        )
        for feature in features
    ]
