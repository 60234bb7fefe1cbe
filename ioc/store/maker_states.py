"""States of cameras that their makers tell: entered with the batch that brought them, and told to the map.

Only cameras that we do not watch ourselves take them: of those with an address of ours the watching process knows
better. An older state never replaces a newer one, so that repetition and order do not matter.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from gis.layers import CAMERAS as LAYER
from gis.observation import CameraState
from ioc.store import changes
from ioc.store.database import Transaction
from ioc.store.readings import Owner
from ioc.store.tables import CAMERAS
from ioc.store.tables_secrets import CAMERA_ADDRESSES

UNHEARD = ("silent", "unreachable")
"""States that a camera leaves by reporting anything."""


async def enter(
    transaction: Transaction,
    states: Sequence[CameraState],
    reporting: Mapping[str, dt.datetime],
    owners: Mapping[str, Owner],
    arrived_at: dt.datetime,
) -> None:
    """Enter the newest state of each camera; one that only reports (`reporting`, by code) is live again."""
    newest: dict[str, CameraState] = {}
    for state in states:
        if state.camera in owners and (state.camera not in newest or state.at >= newest[state.camera].at):
            newest[state.camera] = state
    changed = [
        code
        for code, state in sorted(newest.items())
        if await _set(transaction, code, state.state, min(state.at, arrived_at), state.reason)
    ]
    for code, at in sorted(reporting.items()):
        if (
            code in owners
            and code not in newest
            and await _set(transaction, code, "live", min(at, arrived_at), "", UNHEARD)
        ):
            changed.append(code)
    if changed:
        await changes.record_features(transaction, LAYER, changed, owners, arrived_at)


async def _set(
    transaction: Transaction, code: str, state: str, at: dt.datetime, reason: str, of: Sequence[str] = ()
) -> bool:
    """Enter a state that is newer and another one, with its reason; `of` restricts what it may replace.

    What proved or explained the state before goes with it: a camera may have been watched by us once.
    """
    ours = sa.exists().where(CAMERA_ADDRESSES.c.code == CAMERAS.c.code)
    statement = (
        sa.update(CAMERAS)
        .where(CAMERAS.c.code == code, CAMERAS.c.state_since < at, CAMERAS.c.state != state, ~ours)
        .values(state=state, state_since=at, reason=reason, picture_before=None, picture_after=None, down_since=None)
        .returning(CAMERAS.c.code)
    )
    if of:
        statement = statement.where(CAMERAS.c.state.in_(list(of)))
    return await transaction.row(statement) is not None
