"""The command line: what it knows, and how it refuses."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ioc import intake
from ioc.cli import _sentences, _work, main
from ioc.settings import SettingsError

ROOT = Path(__file__).parents[3]
COMMANDS = ("serve", "intake", "cameras", "broker", "migrate", "demo")


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(command in shown for command in COMMANDS)


@pytest.mark.parametrize("words", [[], ["servee"], ["serve", "now"], ["--fast"]])
def test_what_is_no_command_ends_with_the_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: ioc")


def test_every_command_has_its_work() -> None:
    assert [_work(argparse.Namespace(command=command)).__name__ for command in COMMANDS] == [
        "serve",
        "intake",
        "cameras",
        "broker",
        "migrate_database",
        "demo",
    ]
    assert _work(argparse.Namespace(command="intake")) is intake.intake


@pytest.mark.parametrize(
    ("command", "settings", "sentence"),
    [
        ("intake", {}, "IOC_DATABASE_URL is missing: give the address of PostgreSQL as role ioc_app"),
        ("migrate", {}, "IOC_DATABASE_OWNER_URL is missing: give the address of PostgreSQL as role ioc_owner"),
        ("serve", {"IOC_HTP_PORT": "1"}, "no setting IOC_HTP_PORT is known; did you mean IOC_HTTP_PORT?"),
    ],
)
def test_what_cannot_run_ends_with_one_sentence(
    command: str,
    settings: dict[str, str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """On the error output, and with 1 as exit code."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("IOC_")]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        main([command])
    shown = capsys.readouterr()
    assert (ended.value.code, shown.out, shown.err.splitlines()) == (1, "", [sentence])


def test_no_traceback_reaches_those_who_start_it() -> None:
    """The same as a process of its own; the setting is missed inside a group of tasks."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")}
    command = [sys.executable, "-m", "ioc", "migrate"]
    ended = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1, ended.stderr


def test_of_several_errors_each_says_its_sentence() -> None:
    inner = ExceptionGroup("inner", [SettingsError("two"), SettingsError("three")])
    assert _sentences(ExceptionGroup("outer", [SettingsError("one"), inner])) == ["one", "two", "three"]
