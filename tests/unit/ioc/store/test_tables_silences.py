"""The descriptions of silences and of what they hid; their columns are compared with the migrated ones elsewhere."""

from ioc.store.tables import METADATA
from ioc.store.tables_silences import SILENCED, SILENCES


def test_they_are_among_the_described_tables() -> None:
    assert METADATA.tables["silences"] is SILENCES
    assert METADATA.tables["silenced"] is SILENCED


def test_a_silence_hides_an_alarm_once() -> None:
    assert [one.name for one in SILENCED.primary_key.columns] == ["silence", "alarm"]
