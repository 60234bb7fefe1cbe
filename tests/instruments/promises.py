"""Promises by name, long runs and seeds, as options of pytest; and the figures that each promise leaves.

    ./run test S1               one promise, for seconds
    ./run test --long S1 S2     the same for as long as README.md says
    ./run test S1 --seed 77     a run again that printed this seed

A test carries `@pytest.mark.promise("S1")`. One that asks for `seed` runs with the fixed seed, with the seeds that
once failed (tests/faults/seeds.toml) and with a new one; with `seeds=1` in its mark without the fixed one.
"""

import json
import random
import re
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "tests/faults/seeds.toml"
ARTEFACT = ROOT / "artefacts/faults.jsonl"
FIXED = 1

_PROMISE = re.compile(r"[LSIAVP][0-9]{1,2}\Z")
_MARK = re.compile(r'^[^#"\']*pytest\.mark\.promise\("([A-Z][0-9]+)"', re.MULTILINE)
_WANTED = pytest.StashKey[set[str]]()
_TOLD = pytest.StashKey[list[str]]()
_NEW = random.SystemRandom().randrange(1, 1_000_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    """--long and --seed."""
    parser.addoption("--long", action="store_true", help="run the fault tests for long: 100 minutes in all at the most")
    parser.addoption("--seed", type=int, default=None, help="run the fault tests with this seed alone")


def pytest_configure(config: pytest.Config) -> None:
    """Take names of promises out of the paths; alone, they and --long mean the fault tests."""
    config.addinivalue_line("markers", "promise(name, seeds=2): the promise of README.md that this test tries")
    wanted = {word for word in config.args if _PROMISE.match(word) and not Path(word).exists()}
    config.stash[_WANTED] = wanted
    config.stash[_TOLD] = []
    paths = [word for word in config.args if word not in wanted]
    if wanted and not paths:
        paths = trying(wanted)
    elif config.getoption("--long") and config.args_source != pytest.Config.ArgsSource.ARGS:
        paths = [str(ROOT / "tests/faults")]
    config.args[:] = paths


def trying(wanted: set[str]) -> list[str]:
    """The test files that try these promises. Raises pytest.UsageError for a promise that nobody tries."""
    tried: defaultdict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name in _MARK.findall(path.read_text(encoding="utf-8")):
            tried[name].add(str(path))
    if unknown := sorted(wanted - tried.keys()):
        raise pytest.UsageError(f"no test tries {', '.join(unknown)}; there are {', '.join(sorted(tried))}")
    return sorted(set().union(*(tried[name] for name in wanted)))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of all tests those of the promises that were asked for."""
    wanted = config.stash[_WANTED]
    if not wanted:
        return
    chosen = [item for item in items if promise_of(item) in wanted]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def promise_of(item: pytest.Item) -> str:
    """The promise that a test tries, empty when it tries none."""
    mark = item.get_closest_marker("promise")
    return str(mark.args[0]) if mark else ""


def kept_seeds(promise: str) -> list[int]:
    """The seeds with which a promise once failed."""
    return [int(seed) for seed in tomllib.loads(SEEDS.read_text()).get(promise, [])]


def seeds_of(promise: str, number: int, given: int | None, new: int) -> list[int]:
    """The seeds of a test: the one that was given, or the fixed one, those that once failed and a new one."""
    if given is not None:
        return [given]
    return list(dict.fromkeys([*([FIXED] if number > 1 else []), *kept_seeds(promise), new]))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `seed` runs once with each."""
    mark = metafunc.definition.get_closest_marker("promise")
    if "seed" in metafunc.fixturenames and mark is not None:
        number = int(mark.kwargs.get("seeds", 2))
        seeds = seeds_of(str(mark.args[0]), number, metafunc.config.getoption("--seed"), _NEW)
        metafunc.parametrize("seed", seeds, ids=[f"seed-{seed}" for seed in seeds])


@pytest.fixture
def long(request: pytest.FixtureRequest) -> bool:
    """Whether this run may take long."""
    return bool(request.config.getoption("--long"))


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Prints the figures of a promise in one line, and appends them to artefacts/faults.jsonl."""
    began = time.monotonic()

    def told(**figures: Any) -> None:
        promise, seed = promise_of(request.node), _seed_of(request.node)
        line = ", ".join(f"{name.replace('_', ' ')} {_short(value)}" for name, value in figures.items())
        request.config.stash[_TOLD].append(f"{promise}: {line} (seed {seed}, {time.monotonic() - began:.0f} s)")
        entry = {"promise": promise, "test": request.node.name, "seed": seed, "at": int(time.time()), **figures}
        try:
            ARTEFACT.parent.mkdir(exist_ok=True)
            with ARTEFACT.open("a") as file:
                file.write(json.dumps(entry) + "\n")
        except OSError as error:  # a checkout that is somebody else's
            request.config.stash[_TOLD].append(f"{promise}: these figures are only here: {error}")

    return told


def _seed_of(item: pytest.Item) -> int | None:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("seed") if callspec is not None else None


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) and value < 1000 else str(value)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The line of each promise that was tried, and how to run a failure again."""
    failed = [report for report in terminalreporter.getreports("failed") if "[seed-" in report.nodeid]
    if config.stash[_TOLD] or failed:
        terminalreporter.section("promises")
    for line in config.stash[_TOLD]:
        terminalreporter.line(line)
    for report in failed:
        seed = report.nodeid.partition("[seed-")[2].partition("]")[0].partition("-")[0]
        terminalreporter.line(f"{report.nodeid}: again with --seed {seed}; keep that seed in tests/faults/seeds.toml")
