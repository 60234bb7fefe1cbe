"""How the kernel gives a core to a process that mostly waits for PostgreSQL."""

import logging
import os

LOG = logging.getLogger(__name__)


def give_way() -> None:
    """Interrupt nobody on being woken (SCHED_BATCH, sched(7)): this process goes on as soon as a core is free, or the
    slice of who has it is over, at most a few milliseconds later.

    PostgreSQL sends an answer in pieces of 8 kB, and each piece wakes whoever waits for it. Where all cores are busy,
    as two are with two tiles at once, the core was taken from PostgreSQL in the middle of its sending, and the tile was
    read in five parts; now it sends the whole of it first. Holds for this thread and for all threads and processes that
    it starts later. Where it is forbidden nothing is changed.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    except OSError as error:
        LOG.info("the kernel does not let this process give way (%s): it serves as well, a little slower", error)
