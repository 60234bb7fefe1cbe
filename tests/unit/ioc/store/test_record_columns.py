from ioc.store.record_columns import record
from ioc.store.tables import CAMERAS, DEVICES


def test_devices_and_cameras_have_a_record_alike() -> None:
    names = {column.name for column in record()}
    assert names <= set(DEVICES.c.keys())
    assert names <= set(CAMERAS.c.keys())


def test_columns_are_made_anew_because_a_column_belongs_to_one_table() -> None:
    assert not set(map(id, record())) & set(map(id, record()))
