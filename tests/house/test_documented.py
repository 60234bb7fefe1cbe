"""A setting or a command that README.md does not tell of fails here."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def readme(root: Path) -> str:
    """README.md, which is written last."""
    path = root / "README.md"
    if not path.exists():
        pytest.skip("README.md is not written yet")
    return path.read_text(encoding="utf-8")


def test_every_setting_is_in_the_readme(root: Path, readme: str) -> None:
    """By the name that it has in the environment."""
    if not (root / "ioc/settings.py").exists():
        pytest.skip("ioc/settings.py is not written yet")
    fields = importlib.import_module("ioc.settings").Settings.__struct_fields__
    missing = [f"IOC_{name.upper()}" for name in fields if f"IOC_{name.upper()}" not in readme]
    assert not missing, f"README.md does not explain the settings {', '.join(missing)}"


def test_every_command_is_in_the_readme(root: Path, readme: str) -> None:
    """As `ioc <command>`, or `./run` for the demo; the commands are those that the help text lists."""
    if not (root / "ioc/cli.py").exists():
        pytest.skip("ioc/cli.py is not written yet")
    shown = subprocess.run(
        [sys.executable, "-m", "ioc", "--help"], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    listed = re.search(r"\{([a-z0-9,-]+)\}", shown)
    assert listed, "ioc --help lists no commands"
    missing = [name for name in listed[1].split(",") if not re.search(rf"(ioc|\./run) {name}\b", readme)]
    assert not missing, f"README.md does not explain the commands {', '.join(missing)}"


def test_every_way_to_call_run_is_in_the_readme(readme: str) -> None:
    """The words after ./run."""
    missing = [word for word in ("test", "check", "bench", "ioc") if f"./run {word}" not in readme]
    assert not missing, f"README.md does not explain ./run {', ./run '.join(missing)}"
