"""The arrows between packages run one way."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest


def test_import_contracts_hold(root: Path) -> None:
    """import-linter's contracts of pyproject.toml."""
    tool = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]
    named = {module for contract in tool["contracts"] for module in contract.get("forbidden_modules", [])}
    missing = sorted(
        name
        for name in named
        if name.startswith("ioc.")
        and not (root / name.replace(".", "/")).with_suffix(".py").exists()
        and not (root / name.replace(".", "/")).is_dir()
    )
    if missing:
        pytest.skip(f"these modules of the contracts are not written yet: {', '.join(missing)}")
    program = Path(sys.executable).parent / "lint-imports"
    answer = subprocess.run([str(program)], cwd=root, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout[-4000:]
