"""The words of `ioc replay`."""

import argparse
import datetime as dt
from pathlib import Path
from typing import get_args

import pytest

from ioc.replay_arguments import STATES, describe
from ioc.store.letters import State


def read(words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    describe(parser)
    return parser.parse_args(words.split())


def test_filters_of_dead_letters_are_read() -> None:
    got = read("dead-letters --id 3 --id 4 --code date --source gw --since 2026-11-22T01:00:00Z --state all")
    assert (got.id, got.code, got.source, got.state) == ([3, 4], "date", "gw", "all")
    assert got.since == dt.datetime(2026, 11, 22, 1, tzinfo=dt.UTC)
    assert read("dead-letters").state == "open"
    assert read("dead-letters").clock_slow == dt.timedelta()
    assert read("dead-letters --clock-slow=-90.5").clock_slow == dt.timedelta(seconds=-90.5)


def test_a_file_is_named() -> None:
    assert read("file /a/b.jsonl").path == Path("/a/b.jsonl")
    assert read("spool /a/ioc-intake").path == Path("/a/ioc-intake")


@pytest.mark.parametrize(
    "words",
    ["", "spoon", "file", "dead-letters --since 2026-11-22", "dead-letters --id x", "dead-letters --clock-slow h"],
)
def test_what_is_no_call_ends_with_the_usage(words: str) -> None:
    with pytest.raises(SystemExit) as ended:
        read(words)
    assert ended.value.code == 2


def test_the_states_are_those_of_the_store() -> None:
    assert get_args(State) == STATES
