"""What the house tests look at: the committed files, and the sources among them."""

import os
import subprocess
import tomllib
from pathlib import Path

import pytest

PACKAGES = ("gis", "sensors", "cameras", "feeds", "ioc")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def files(root: Path) -> list[str]:
    """Every committed file, and every new one that is not ignored, relative to the checkout."""
    listing = subprocess.run(
        [
            "git",
            "-c",
            f"safe.directory={root}",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ],
        cwd=root,
        check=False,
        capture_output=True,
    )
    if listing.returncode != 0:
        pytest.skip("this is no git checkout, so nobody can say which files are committed")
    return sorted(name for name in os.fsdecode(listing.stdout).split("\0") if name and (root / name).is_file())


@pytest.fixture(scope="session")
def sources(files: list[str]) -> list[str]:
    """The Python files of the five packages."""
    return [name for name in files if name.endswith(".py") and name.split("/")[0] in PACKAGES]


@pytest.fixture(scope="session")
def exceptions(root: Path) -> dict[str, list[str]]:
    """The lists of what is forgiven."""
    return tomllib.loads((root / "tests/house/exceptions.toml").read_text())
