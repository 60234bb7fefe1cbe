"""The words of `ioc user`."""

import argparse

import pytest

from ioc.users_arguments import describe


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser()
    describe(made)
    return made


@pytest.mark.parametrize(
    ("words", "deed"),
    [
        ("add lan --role operator --centre hoi-an --area 502@2024-09-01 --name Lan", "add"),
        ("list", "list"),
        ("disable lan", "disable"),
        ("enable lan", "enable"),
        ("password lan --link", "password"),
        ("second-factor reset lan", "second-factor"),
        ("sessions lan --end", "sessions"),
        ("token add lan --label x --scope see:incident see:device", "token-add"),
        ("token list lan", "token-list"),
        ("token revoke lan 0195d1a8-0000-7000-8000-000000000000", "token-revoke"),
    ],
)
def test_every_deed_is_known(parser: argparse.ArgumentParser, words: str, deed: str) -> None:
    assert parser.parse_args(words.split()).deed == deed


@pytest.mark.parametrize(
    "words", ["", "add lan", "add Lan --role admin", "add lan --role king", "token add lan --label x --days 9999",
              "add lan --role admin --password secret", "password lan secret", "token revoke lan 1"]
)  # fmt: skip
def test_what_cannot_be_and_secrets_as_arguments_are_refused(parser: argparse.ArgumentParser, words: str) -> None:
    with pytest.raises(SystemExit):
        parser.parse_args(words.split())
