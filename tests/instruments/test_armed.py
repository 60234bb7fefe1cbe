"""A kill point ends the process at exactly the passing that was asked for."""

import asyncio
import inspect
import subprocess
import sys

import pytest

from tests.fakes import armed
from tests.instruments.processes import ROOT

PASSES = """
from tests.fakes.armed import kills_at
passing = kills_at("committing", 3)
for number in range(5):
    for point in ("storing", "committing", "committed"):
        print(number, point, flush=True)
        passing(point)
"""


def test_it_dies_at_the_third_passing_of_its_point() -> None:
    done = subprocess.run([sys.executable, "-c", PASSES], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -9
    assert done.stdout.splitlines()[-1] == "2 committing"


def test_a_point_that_is_not_passed_kills_nobody() -> None:
    passing = armed.kills_at("committing", 1)
    passing("storing")


@pytest.mark.parametrize("process", armed.PLACES)
def test_what_can_be_armed_is_there(process: str) -> None:
    work = armed.work_of(process)
    assert asyncio.iscoroutinefunction(work)
    assert "passing" in inspect.signature(work).parameters
