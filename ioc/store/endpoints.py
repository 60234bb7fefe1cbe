"""Endpoints of units and of citizens' channels. Their secrets are read for sending, and for nothing else."""

import functools
from typing import Any

import msgspec
import sqlalchemy as sa

from ioc.store.database import Row, Transaction
from ioc.store.statements import adding
from ioc.store.tables_endpoints import ENDPOINTS
from ioc.tell.endpoint import Endpoint, route_of
from ioc.tell.order import Hop
from ioc.tell.template import Template

_FIELDS = Endpoint.__struct_fields__


async def create(transaction: Transaction, endpoint: Endpoint) -> bool:
    """Keep a new endpoint; False when its code is taken, also by one that the writer may not see."""
    return await transaction.row(_add(), **_values(endpoint)) is not None


@functools.cache
def _add() -> sa.Insert:
    return adding(ENDPOINTS, *_FIELDS, "area", returning="code")


async def change(transaction: Transaction, endpoint: Endpoint) -> None:
    """Keep an endpoint as it is now, all of it."""
    values = {name: value for name, value in _values(endpoint).items() if name != "code"}
    await transaction.run(sa.update(ENDPOINTS).where(ENDPOINTS.c.code == endpoint.code).values(**values))


async def one(transaction: Transaction, code: str, *, lock: bool = False) -> Endpoint | None:
    """One endpoint, if it is there to be seen; `lock` holds it against other writers."""
    wanted = sa.select(ENDPOINTS).where(ENDPOINTS.c.code == code)
    row = await transaction.row(wanted.with_for_update() if lock else wanted)
    return None if row is None else _endpoint(row)


async def enabled(transaction: Transaction, code: str) -> Endpoint | None:
    """One endpoint to which may be sent now."""
    row = await transaction.row(_enabled(), wanted=code)
    return None if row is None else _endpoint(row)


@functools.cache
def _enabled() -> sa.Select[Any]:
    return sa.select(ENDPOINTS).where(ENDPOINTS.c.code == sa.bindparam("wanted", type_=sa.Text), ENDPOINTS.c.enabled)


async def listed(transaction: Transaction) -> list[Endpoint]:
    """All endpoints that the reader may see, by their codes."""
    return [_endpoint(row) for row in await transaction.rows(sa.select(ENDPOINTS).order_by(ENDPOINTS.c.code))]


async def of_unit(transaction: Transaction, unit: str) -> list[str]:
    """Codes of the enabled endpoints of a unit; notifications for them are addressed to `@CODE`."""
    wanted = sa.select(ENDPOINTS.c.code).where(ENDPOINTS.c.unit == unit, ENDPOINTS.c.enabled, ENDPOINTS.c.unit != "")
    return [row["code"] for row in await transaction.rows(wanted.order_by(ENDPOINTS.c.code))]


async def hop(transaction: Transaction, code: str) -> Hop | None:
    """The channel and the address by which a unit's endpoint is told; None when there is no enabled one."""
    endpoint = await enabled(transaction, code)
    return None if endpoint is None else Hop(*route_of(endpoint))


def _values(endpoint: Endpoint) -> dict[str, Any]:
    values = {name: getattr(endpoint, name) for name in _FIELDS}
    template = None if endpoint.template is None else msgspec.to_builtins(endpoint.template)
    return values | {"template": template, "area": ""}


def _endpoint(row: Row) -> Endpoint:
    template = row["template"]
    read = None if template is None else msgspec.convert(template, Template)
    return Endpoint(**{name: row[name] for name in _FIELDS if name != "template"}, template=read)
