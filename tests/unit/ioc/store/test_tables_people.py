"""The tables of people keep digests of secrets and never the secrets."""

from sqlalchemy.dialects.postgresql import BYTEA

from ioc.store import tables_people
from ioc.store.tables import METADATA

TABLES = ("sessions", "tokens", "factors", "recovery_codes", "invites", "known_browsers")


def test_every_table_of_people_is_described() -> None:
    assert set(TABLES) <= set(METADATA.tables)


def test_what_opens_a_door_is_found_by_its_digest_alone() -> None:
    for table in (tables_people.SESSIONS, tables_people.TOKENS, tables_people.INVITES, tables_people.KNOWN_BROWSERS):
        assert [column.name for column in table.primary_key.columns] == ["digest"]
        assert isinstance(table.c.digest.type, BYTEA)
        assert not {"secret", "token", "password"} & set(table.c.keys())
