"""Row-level security as text."""

from importlib.resources import files

from ioc.access.rights import KINDS
from ioc.store.guards import GUARDS, script, seen, sequences


def test_the_migration_says_what_the_descriptions_say() -> None:
    """After a release a difference needs a migration of its own; until then write the script anew."""
    assert files("ioc.store.migrations").joinpath("0001_rights.sql").read_text("utf-8") == script()


def test_the_migration_of_counts_says_what_the_descriptions_say() -> None:
    assert sequences() in files("ioc.store.migrations").joinpath("0003_sequences.sql").read_text("utf-8")


def test_every_guard_is_of_a_known_kind() -> None:
    assert {guard.kind.strip("'") for guard in GUARDS} - {"subject"} <= set(KINDS)


def test_settings_are_read_once_a_statement() -> None:
    """Each reading of a setting stands in a sub-select, which PostgreSQL runs once."""
    for guard in GUARDS:
        for part in seen(guard).split("(select ")[:1]:
            assert "current_setting" not in part
