"""Promises are chosen by name, seeds are as asked for, and an unknown name is an error."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.instruments import promises
from tests.instruments.processes import ROOT


def collected(*words: str) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *words]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)


def names(done: "subprocess.CompletedProcess[str]") -> list[str]:
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_a_name_chooses_its_promise_and_a_seed_its_run() -> None:
    found = names(collected("S1", "--seed", "77"))
    assert found
    assert all("test_s1_" in name for name in found)
    assert any("[seed-77]" in name for name in found)
    assert not any("[seed-1]" in name for name in found)


def test_several_names_choose_several_and_long_goes_with_them() -> None:
    found = names(collected("--long", "S5", "L2"))
    assert {Path(name.partition("::")[0]).name for name in found} == {"test_s5_frozen.py", "test_l2_burst.py"}


def test_a_folder_and_a_name_choose_together() -> None:
    assert names(collected("tests/faults", "I1"))
    assert not names(collected("tests/house", "I1"))


def test_a_promise_that_nobody_tries_is_an_error_that_names_the_others() -> None:
    done = collected("S99")
    assert done.returncode != 0
    assert "no test tries S99" in done.stderr + done.stdout
    assert "S1" in done.stderr + done.stdout


def test_an_expression_still_works_and_chooses_no_promise() -> None:
    found = names(collected("tests/faults", "-k", "fuzz"))
    assert {name.partition("::")[0] for name in found} == {"tests/faults/test_i2_fuzz.py"}


def test_seeds_are_the_fixed_one_those_that_failed_and_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promises, "kept_seeds", lambda promise: [5, 9])
    assert promises.seeds_of("S1", 2, None, 1234) == [1, 5, 9, 1234]
    assert promises.seeds_of("S1", 1, None, 1234) == [5, 9, 1234]
    assert promises.seeds_of("S1", 2, 77, 1234) == [77]
    assert promises.seeds_of("S1", 2, None, 5) == [1, 5, 9]


def test_the_seeds_that_once_failed_can_be_read() -> None:
    assert isinstance(promises.kept_seeds("S1"), list)


def test_every_fault_test_says_which_promise_it_tries() -> None:
    for path in (ROOT / "tests/faults").glob("test_*.py"):
        name = path.stem.split("_")[1].upper()
        assert f'pytest.mark.promise("{name}"' in path.read_text(), path.name
