"""The words of `ioc device`."""

import argparse

import pytest

from ioc.devices_arguments import describe


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser()
    describe(made)
    return made


@pytest.mark.parametrize(
    ("words", "deed"),
    [
        ("add gauge-a --profile river-gauge --at 108.1,15.9 --name A --gateway gw-a --centre dai-loc", "add"),
        ("list --lifecycle active", "list"),
        ("approve gauge-a", "approve"),
        ("activate gauge-a --reason tried", "activate"),
        ("suspend gauge-a", "suspend"),
        ("resume gauge-a", "resume"),
        ("retire gauge-a", "retire"),
        ("key gauge-a", "key"),
        ("withdraw gauge-a", "withdraw"),
        ("adopt passwords", "adopt"),
        ("ca --host broker.example.vn 10.0.0.1", "ca"),
        ("certificate gauge-a --csr gauge-a.csr", "certificate"),
    ],
)
def test_every_deed_is_known(parser: argparse.ArgumentParser, words: str, deed: str) -> None:
    assert parser.parse_args(words.split()).deed == deed


@pytest.mark.parametrize(
    "words",
    ["", "key", "key +", "key gauge-a~", "key gauge-a secret", "add g1 --profile x --at 108", "list --lifecycle old",
     "certificate gauge-a", "add Gauge --profile x --at 1,2"],
)  # fmt: skip
def test_what_cannot_be_and_keys_as_arguments_are_refused(parser: argparse.ArgumentParser, words: str) -> None:
    with pytest.raises(SystemExit):
        parser.parse_args(words.split())
