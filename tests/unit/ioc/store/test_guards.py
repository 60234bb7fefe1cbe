"""Row-level security as text."""

from importlib.resources import files

from ioc.access.rights import KINDS
from ioc.store.guards import GUARDS, script, seen, statements


def test_the_migrations_say_what_the_descriptions_say() -> None:
    """A table that is new or made anew has its policies in its migration: `script` writes them."""
    folder = files("ioc.store.migrations")
    text = "".join(one.read_text("utf-8") for one in folder.iterdir() if one.name.endswith(".sql"))
    assert [line for line in statements() if f"\n{line};" not in text] == []
    assert folder.joinpath("0002_storage.sql").read_text("utf-8").endswith(script("owners", "readings", "rollups"))


def test_every_guard_is_of_a_known_kind() -> None:
    assert {guard.kind.strip("'") for guard in GUARDS} - {"subject"} <= set(KINDS)


def test_settings_are_read_once_a_statement() -> None:
    """Each reading of a setting stands in a sub-select, which PostgreSQL runs once."""
    for guard in GUARDS:
        for part in seen(guard).split("(select ")[:1]:
            assert "current_setting" not in part
