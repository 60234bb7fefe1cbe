"""A PostgreSQL that stands still."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from tests.fakes.servers import Servers


@contextlib.contextmanager
def frozen(servers: Servers) -> Iterator[None]:
    """Every process of the server stands still; the kernel still accepts connections for it."""
    first = int((Path(servers.data) / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    pids = [first, *map(int, children)]
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
