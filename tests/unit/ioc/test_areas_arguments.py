"""The words of `ioc areas` and `ioc centre`."""

import argparse

import pytest

from ioc.areas_arguments import describe_areas, describe_centres


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser()
    both = made.add_subparsers()
    describe_areas(both.add_parser("areas"))
    describe_centres(both.add_parser("centre"))
    return made


@pytest.mark.parametrize(
    ("words", "deed", "dry"),
    [
        ("areas load x.toml", "load", False),
        ("areas load x.toml --dry-run", "load", True),
        ("centre merge tam-ky nui-thanh --dry-run", "merge", True),
    ],
)
def test_what_is_asked(parser: argparse.ArgumentParser, words: str, deed: str, dry: bool) -> None:
    order = parser.parse_args(words.split())
    assert (order.deed, order.dry_run) == (deed, dry)


def test_what_need_not_be_said(parser: argparse.ArgumentParser) -> None:
    assert parser.parse_args(["areas", "report"]).release == ""
    assert parser.parse_args(["centre", "topics"]).end == []
    assert parser.parse_args(["centre", "topics", "--end", "a1", "b2"]).end == ["a1", "b2"]


@pytest.mark.parametrize("words", ["areas load", "centre merge tam-ky", "centre topics --end"])
def test_what_lacks_a_word_is_refused(parser: argparse.ArgumentParser, words: str) -> None:
    with pytest.raises(SystemExit):
        parser.parse_args(words.split())
