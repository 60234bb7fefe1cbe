"""Python's garbage collector in a process that holds much for long: it looks seldom, and not at what stays.

With its own thresholds it went through all that the desk holds (tens of thousands of alarms and sources) every few
hundred alarms of a burst, which took a third of the process's time, and up to a second at once.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (50_000, 20, 50)
"""New objects before the youngest are looked through, and how often that is done before the older ones are: what is
not in a cycle is freed at once, whatever these are."""


@contextmanager
def collected_seldom() -> Iterator[None]:
    """What is there now is passed over, and what is new is looked through seldom, for as long as the block lasts."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
