"""Processes are frozen with all their children, killed, and heard."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.instruments.processes import Process, descendants
from tests.instruments.waiting import until

COUNTS = """
import subprocess, sys, time
if len(sys.argv) < 2:
    subprocess.Popen([sys.executable, "-c", open("/proc/self/cmdline").read().split(chr(0))[2], "child"])
while True:
    print(sys.argv[1:], flush=True)
    time.sleep(0.01)
"""


def lines(process: Process) -> dict[str, int]:
    said = process.said().splitlines()
    return {"parent": said.count("[]"), "child": said.count("['child']")}


async def test_a_frozen_process_does_nothing_and_neither_does_its_child(tmp_path: Path) -> None:
    with Process([sys.executable, "-c", COUNTS], log=tmp_path / "log") as process:
        await until(lambda: min(lines(process).values()) > 3, 20, "both to speak")
        assert len(descendants(process.pid)) == 2
        process.freeze()
        await until(lambda: all(state(pid) == "T" for pid in descendants(process.pid)), 5, "both to be stopped")
        before = lines(process)
        child = descendants(process.pid)[1]
        assert lines(process) == before
        process.thaw()
        await until(lambda: all(lines(process)[name] > before[name] for name in before), 20, "both to go on")
    assert process.code == -9
    os.kill(child, signal.SIGKILL)


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


async def test_the_end_of_a_process_has_its_code(tmp_path: Path) -> None:
    with Process([sys.executable, "-c", "print('bye'); raise SystemExit(3)"], log=tmp_path / "log") as process:
        assert await process.ended(20) == 3
        assert process.said() == "bye\n"


async def test_waiting_in_vain_says_for_what() -> None:
    with pytest.raises(AssertionError, match="in vain for rain"):
        await until(lambda: False, 0.05, "rain")
