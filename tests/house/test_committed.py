"""What no committed file may hold, and what the locks must."""

import re
from pathlib import Path

import pytest

REGISTRIES = re.compile(
    "|".join(
        (
            r"pypi\." + "org",
            r"python" + r"hosted\.org",
            r"registry\.npm" + r"js\.org",
            r"registry\.yarn" + "pkg",
        )
    )
)
OWN_PATHS = re.compile(r"(?<![\w.:/~-])/(?:home|root|work|Users)/[\w.]")
BINARY = (".png", ".jpg", ".jpeg", ".mp4", ".woff", ".woff2", ".pbf", ".gz", ".zip", ".ico", ".npy", ".h264")


@pytest.fixture(scope="module")
def texts(root: Path, files: list[str]) -> dict[str, str]:
    """Every committed text file."""
    kept = {}
    for name in files:
        content = b"\0" if name.endswith(BINARY) else (root / name).read_bytes()
        if b"\0" not in content[:8192]:
            kept[name] = content.decode("utf-8", errors="replace")
    return kept


@pytest.mark.parametrize(
    ("pattern", "what"),
    [(REGISTRIES, "the host name of a package registry"), (OWN_PATHS, "a path of somebody's own machine")],
)
def test_no_committed_file_names_one_machine_or_registry(
    texts: dict[str, str], pattern: re.Pattern[str], what: str
) -> None:
    """Where packages come from is the machine's configuration, not ours."""
    found = [
        f"{name}:{text[: match.start()].count(chr(10)) + 1}"
        for name, text in texts.items()
        if (match := pattern.search(text))
    ]
    assert not found, f"{what} stands in {', '.join(found)}"


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_every_package_by_hash(root: Path, name: str) -> None:
    """One version and at least one SHA-256 each; no address and no option."""
    entries = (root / name).read_text().replace("\\\n", " ").splitlines()
    assert len(entries) > 10
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==\S+ ", entry), f"{name} has a line that pins nothing: {entry[:80]}"
        assert "--hash=sha256:" in entry, f"{name} has no hash for {entry.split()[0]}"
        assert "://" not in entry, f"{name} names an address for {entry.split()[0]}"


def test_both_locks_agree(root: Path) -> None:
    """A package in both has one version, or the second would undo the first."""
    pins = []
    for name in ("requirements.lock", "requirements-dev.lock"):
        lines = (line.split(" \\")[0] for line in (root / name).read_text().splitlines() if "==" in line)
        pins.append({line.split("==")[0]: set() for line in lines})
        for line in (root / name).read_text().splitlines():
            if "==" in line:
                pins[-1][line.split("==")[0]].add(line.split(" \\")[0])
    for package in pins[0].keys() & pins[1].keys():
        assert pins[0][package] == pins[1][package], f"the locks pin {package} differently"
