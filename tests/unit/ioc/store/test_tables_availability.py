from ioc.store.guards import GUARDS
from ioc.store.tables_availability import WORKINGS


def test_when_things_worked_is_seen_by_who_sees_the_things() -> None:
    [guard] = [one for one in GUARDS if one.table == WORKINGS.name]
    assert guard.kind == "subject"
    assert "camera" in guard.camera
