"""Who has to be told of a unit's work: who is on duty now, and who works there; never nobody while anybody is there."""

import datetime as dt
from collections.abc import Iterable

from ioc.store import teams, ticket_policies
from ioc.store.database import Transaction
from ioc.store.teams import Worker


async def on_duty(transaction: Transaction, unit: str, now: dt.datetime) -> list[str]:
    """The logins of who is on duty for a unit: by the roster, else the members of its teams, else as `instead` says.

    Only of accounts that are not disabled; whatever the transaction's scope. Empty only when no account is left.
    """
    roster = await teams.roster(transaction, unit, now)
    named = roster.on_duty or roster.members
    return list(named) or await _instead(transaction, unit)


async def staff(transaction: Transaction, unit: str) -> list[str]:
    """The logins of everybody who works for a unit: the members of its teams, else as `instead` says."""
    return list((await teams.roster(transaction, unit)).members) or await _instead(transaction, unit)


async def _instead(transaction: Transaction, unit: str) -> list[str]:
    policy = await ticket_policies.current(transaction)
    known = policy.unit(unit) or policy.top
    return instead(known.centre, policy.top.centre, await teams.workers(transaction))


def instead(centre: str, province: str, workers: Iterable[Worker]) -> list[str]:
    """Who stands in where a unit of a centre has named nobody.

    Officers who are bound to the district's centre; for the province's units its operators; else all operators, else
    the administrators, in each case those of the whole installation or of the centre before others.
    """
    known = list(workers)
    ways = (
        [] if centre == province else [one for one in known if one.role == "district" and one.centre == centre],
        [one for one in known if one.role == "operator" and one.centre in (None, centre, province)],
        [one for one in known if one.role == "operator"],
        [one for one in known if one.role == "admin" and one.centre in (None, centre, province)],
        [one for one in known if one.role == "admin"],
        known,
    )
    return sorted(one.login for one in next((way for way in ways if way), []))
