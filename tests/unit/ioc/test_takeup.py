"""What is forgotten when a rule changes; the rest is tried in tests/integration/test_desk_takeup.py."""

from ioc.incidents.order import Memory
from ioc.takeup import Counts, without


def test_only_the_memories_of_the_rules_that_changed_are_forgotten() -> None:
    keys = ("p/r:gauge:x", "p/r:other:x", "p/r2:gauge:x", "q/r:gauge:x")
    memories = dict.fromkeys(keys, Memory())
    assert set(without(memories, {"p/r"})) == {"p/r2:gauge:x", "q/r:gauge:x"}
    assert without(memories, ()) == memories


def test_counts_begin_at_nothing() -> None:
    assert Counts() == Counts(cleared=0, changed=0, raised=0, kept=0)
