"""Small files, small functions, a test for each file, and no room for odds and ends."""

import ast
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 40
ODDS_AND_ENDS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "base",
    "misc",
    "manager",
    "managers",
    "shared",
}


def judge(found: set[str], forgiven: list[str], what: str) -> None:
    """Fail with a sentence on what is new, and on exceptions that are not needed any more."""
    new = sorted(found - set(forgiven))
    assert not new, f"{what}: {', '.join(new)}"
    stale = sorted(set(forgiven) - found)
    assert not stale, f"take these out of tests/house/exceptions.toml, they are mended: {', '.join(stale)}"


def test_every_source_file_has_its_test_file(root: Path, sources: list[str], exceptions: dict[str, list[str]]) -> None:
    """x/y.py is tested by tests/unit/x/test_y.py; a migration by the integration tests that run it."""
    missing = set()
    for name in sources:
        path = Path(name)
        if path.stem.startswith("__") or "migrations" in path.parts:
            continue
        if not (root / "tests/unit" / path.parent / f"test_{path.name}").exists():
            missing.add(name)
    judge(missing, exceptions["untested"], "write tests/unit/<package>/test_<file>.py for")


def test_no_file_is_long(root: Path, files: list[str], exceptions: dict[str, list[str]]) -> None:
    """Python everywhere, tests included, and the wall's sources."""
    long = {
        name
        for name in files
        if name.endswith((".py", ".ts", ".css", ".sql"))
        and len((root / name).read_text(encoding="utf-8").splitlines()) > FILE_LINES
    }
    judge(long, exceptions["long_files"], f"split these, they have over {FILE_LINES} lines")


def test_no_function_is_long(root: Path, files: list[str], exceptions: dict[str, list[str]]) -> None:
    """From its `def` to its last line, docstring included."""
    long = set()
    for name in files:
        if not name.endswith(".py"):
            continue
        for node in ast.walk(ast.parse((root / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long.add(f"{name}:{node.name}")
    judge(long, exceptions["long_functions"], f"split these functions, they have over {FUNCTION_LINES} lines")


def test_no_room_for_odds_and_ends(sources: list[str]) -> None:
    """A module is named after its subject."""
    odd = [name for name in sources if ODDS_AND_ENDS & set(Path(name).with_suffix("").parts)]
    assert not odd, f"name these after what they are about: {', '.join(odd)}"
