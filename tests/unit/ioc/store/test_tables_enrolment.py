from ioc.store.guards import GUARDS
from ioc.store.tables_enrolment import CODES, ENROLMENTS


def test_codes_and_who_came_with_them_are_seen_by_who_sees_such_things() -> None:
    kinds = {one.table: one.kind for one in GUARDS}
    assert kinds[CODES.name] == kinds[ENROLMENTS.name] == "subject"
