"""The tables of rules keep every version, and say whose each override is."""

from ioc.store import tables_rules
from ioc.store.guards import EVERYWHERE, GUARDS


def test_a_version_is_one_row_and_never_another() -> None:
    keys = [column.name for column in tables_rules.RULE_VERSIONS.primary_key.columns]
    assert keys == ["pack", "code", "version"]
    assert [column.name for column in tables_rules.RULES.primary_key.columns] == ["pack", "code"]


def test_each_table_of_rules_is_guarded() -> None:
    assert {"rules", "rule_versions"} == {table for table, kind in EVERYWHERE.items() if kind == "'rule'"}
    [guard] = [one for one in GUARDS if one.table == "rule_overrides"]
    assert (guard.kind, guard.centre, guard.area) == ("'rule'", "centre", "area")
    assert {"centre", "area"} <= set(tables_rules.RULE_OVERRIDES.c.keys())
