"""Which centre went into which."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ioc.store.database import Transaction
from ioc.store.statements import inserting
from ioc.store.tables_releases import CENTRE_MERGES


async def merges(transaction: Transaction) -> dict[str, str]:
    """The centres that are gone, each with the one that it went into."""
    return {row["gone"]: row["centre"] for row in await transaction.rows(sa.select(CENTRE_MERGES))}


async def heirs(transaction: Transaction) -> dict[str, str]:
    """The centres that are gone, each with the one that has what was theirs now, however many mergers lie between."""
    found = await merges(transaction)
    return {gone: _last(found, gone) for gone in found}


def _last(found: Mapping[str, str], centre: str) -> str:
    while centre in found:  # `ioc/centre_merging.py` lets none go into one that is gone, so this ends
        centre = found[centre]
    return centre


async def enter(transaction: Transaction, gone: str, into: str, now: dt.datetime, who: str) -> None:
    """From here on the people of the one centre see what was at the other, too."""
    await transaction.run(inserting(CENTRE_MERGES), gone=gone, centre=into, at=now, who=who, report={})


async def report(transaction: Transaction, gone: str, found: dict[str, Any]) -> None:
    """Keep what a merger moved."""
    await transaction.run(sa.update(CENTRE_MERGES).where(CENTRE_MERGES.c.gone == gone).values(report=found))
