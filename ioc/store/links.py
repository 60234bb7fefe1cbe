"""How each centre is linked: which of its stations are heard, and when its newest message came."""

import datetime as dt
from typing import Literal

import msgspec
import sqlalchemy as sa

from gis.layers import UNSHOWN
from ioc.store.database import Transaction
from ioc.store.tables import DEVICES, LATEST

LinkState = Literal["live", "late", "silent", "none"]


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A centre's stations by how they are heard; `heard_at` is when the newest reading of its stations arrived here."""

    centre: str
    devices: int
    fresh: int
    stale: int
    suspended: int
    heard_at: dt.datetime | None

    @property
    def state(self) -> LinkState:
        """`live` while one station is heard, `late` while one is overdue and none is heard, else `silent`.

        `none` where there is nothing to hear: no station, or all of them suspended. What makes a station overdue is
        gis/freshness.py's to say, by the interval that is expected of it.
        """
        if self.fresh > 0:
            return "live"
        if self.stale > 0:
            return "late"
        return "silent" if self.devices > self.suspended else "none"


async def links(transaction: Transaction) -> list[Link]:
    """The centres of the transaction's scope that have stations, by their codes."""
    state = DEVICES.c.state
    rows = await transaction.rows(
        sa.select(
            DEVICES.c.centre,
            sa.func.count().label("devices"),
            *(sa.func.count().filter(state == name).label(name) for name in ("fresh", "stale", "suspended")),
        )
        .where(DEVICES.c.lifecycle.not_in(UNSHOWN))
        .group_by(DEVICES.c.centre)
        .order_by(DEVICES.c.centre)
    )
    newest = await transaction.rows(
        sa.select(LATEST.c.centre, sa.func.max(LATEST.c.arrived_at).label("at")).group_by(LATEST.c.centre)
    )
    heard = {row["centre"]: row["at"] for row in newest}
    names = ("centre", "devices", "fresh", "stale", "suspended")
    return [Link(**{name: row[name] for name in names}, heard_at=heard.get(row["centre"])) for row in rows]
