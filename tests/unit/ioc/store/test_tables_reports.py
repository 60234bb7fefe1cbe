"""Tables of what people say; a test holds them against the migrated database."""

from ioc.store.tables_reports import NOTICES, REPORTERS, REPORTS


def test_who_told_it_is_in_a_table_of_its_own() -> None:
    assert {"name", "phone"} <= set(REPORTERS.columns.keys())
    assert not {"name", "phone"} & {*REPORTS.columns.keys(), *NOTICES.columns.keys()}
    assert all({"centre", "area"} <= set(table.columns.keys()) for table in (REPORTS, REPORTERS, NOTICES))
