"""What rules remember beside the open alarms: waits, and the known states that late values are judged from."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, LiteralString

import msgspec

from ioc.incidents.order import Memory
from ioc.incidents.rules import Pending
from ioc.store.database import Transaction

_LOAD: LiteralString = "select key, state from rule_states"

_LOAD_WAITS: LiteralString = "select key, state - 'milestones' as state from rule_states"

_SAVE: LiteralString = """
insert into rule_states (key, state) values ($1, $2)
on conflict (key) do update set state = excluded.state
"""

_FORGET: LiteralString = "delete from rule_states where key = any ($1::text[])"


_FORGET_RULE: LiteralString = "delete from rule_states where starts_with(key, $1)"


async def forget(transaction: Transaction, reference: str) -> None:
    """Forget what a rule (pack/code) remembers of every source."""
    await transaction.connection.execute(_FORGET_RULE, f"{reference}:")


async def load(transaction: Transaction) -> dict[str, Memory]:
    """What was saved, by alarm key."""
    rows = await transaction.connection.fetch(_LOAD)
    return {row["key"]: _memory(row["state"]) for row in rows}


async def load_waits(transaction: Transaction) -> dict[str, Memory]:
    """What was saved without the known states, which are most of it: enough to judge on, not to judge again."""
    rows = await transaction.connection.fetch(_LOAD_WAITS)
    return {row["key"]: _memory(row["state"]) for row in rows}


def _memory(state: Mapping[str, Any]) -> Memory:
    if "since" in state:  # an earlier version saved the wait alone
        return Memory(pending=Pending(dt.datetime.fromisoformat(state["since"]), state["severity"]))
    return msgspec.convert(state, Memory)


async def save(transaction: Transaction, memories: Mapping[str, Memory | None]) -> None:
    """Save what is to be remembered, and forget the keys that have nothing."""
    rows = [(key, msgspec.to_builtins(memory)) for key, memory in memories.items() if memory is not None]
    if rows:
        await transaction.connection.executemany(_SAVE, rows)
    empty = [key for key, memory in memories.items() if memory is None]
    if empty:
        await transaction.connection.execute(_FORGET, empty)
