"""The schema on a real PostgreSQL: migrated from nothing, and as the tables are described."""

import asyncio
import importlib
import pkgutil
from collections.abc import Callable

import asyncpg
from sqlalchemy.dialects import postgresql

import ioc.store
from ioc.store import tables
from ioc.store.migrate import head, migrate

PARTS = [
    importlib.import_module(f"ioc.store.{found.name}")
    for found in pkgutil.iter_modules(ioc.store.__path__)
    if found.name.startswith("tables")
]
"""The files that describe tables."""


async def test_a_migration_from_nothing_reaches_the_head_and_again_changes_nothing(blank: Callable[[str], str]) -> None:
    assert await migrate(blank("ioc_owner")) == head()
    assert await migrate(blank("ioc_owner")) == head()
    connection = await asyncpg.connect(blank("ioc_owner"))
    try:
        assert await connection.fetchval("select version_num from alembic_version") == head()
    finally:
        await connection.close()


async def test_two_migrations_at_once_are_one(blank: Callable[[str], str]) -> None:
    assert await asyncio.gather(*(migrate(blank("ioc_owner")) for _ in range(3))) == [head()] * 3


async def test_the_descriptions_have_exactly_the_columns_of_the_migrated_tables(admin: asyncpg.Connection) -> None:
    rows = await admin.fetch(
        """select table_name, column_name, is_generated <> 'NEVER' as computed, is_identity = 'YES' as identity
           from information_schema.columns where table_schema = 'public'
           and table_name in (select relname from pg_class where relkind in ('r', 'p') and not relispartition)"""
    )
    real: dict[str, set[tuple[str, bool, bool]]] = {}
    for row in rows:
        if row["table_name"] not in ("alembic_version", "spatial_ref_sys") and row["column_name"] != "xid":
            real.setdefault(row["table_name"], set()).add((row["column_name"], row["computed"], row["identity"]))
    described = {
        name: {(column.name, column.computed is not None, column.identity is not None) for column in table.columns}
        for part in PARTS
        for name, table in part.METADATA.tables.items()
    }
    assert described == real


async def test_the_descriptions_have_the_types_and_keys_of_the_migrated_tables(admin: asyncpg.Connection) -> None:
    for name, table in tables.METADATA.tables.items():
        kinds = dict(
            await admin.fetch(
                """select attname, format_type(atttypid, null) from pg_attribute
                   where attrelid = $1::regclass and attnum > 0 and not attisdropped""",
                name,
            )
        )
        for column in table.columns:
            said = column.type.compile(dialect=postgresql.dialect()).lower().partition("(")[0]
            real = kinds[column.name]
            assert {"float": "double precision"}.get(said, said) == real, f"{name}.{column.name} is {real}"
        keys = await admin.fetch(
            """select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid
               and a.attnum = any (i.indkey) where i.indrelid = $1::regclass and i.indisprimary""",
            name,
        )
        assert {row["attname"] for row in keys} == {column.name for column in table.primary_key.columns}, name
