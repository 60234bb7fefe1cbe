"""A process that serves interrupts nobody when it is woken."""

import os
import subprocess
import sys

import pytest

from ioc import scheduling

_GIVES_WAY = """
import os, threading
from ioc.scheduling import give_way
give_way()
later = []
thread = threading.Thread(target=lambda: later.append(os.sched_getscheduler(0)))
thread.start()
thread.join()
print(os.sched_getscheduler(0), *later)
"""


def test_the_process_and_its_later_threads_give_way() -> None:
    said = subprocess.run([sys.executable, "-c", _GIVES_WAY], capture_output=True, text=True, check=True, timeout=30)
    assert said.stdout.split() == [str(os.SCHED_BATCH)] * 2


def test_where_it_is_forbidden_the_process_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def forbidden(*_: object) -> None:
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", forbidden)
    with caplog.at_level("INFO"):
        scheduling.give_way()
    assert "not permitted" in caplog.text
