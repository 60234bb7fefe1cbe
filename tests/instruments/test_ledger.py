"""The ledger is read as it was written, up to the last whole line."""

from pathlib import Path

import pytest

from tests.instruments import ledger as ledgers
from tests.instruments.ledger import Sent, Tally, digest_of, payload_of

LINES = "s 1 1000 gauge-a r 7 900 1.25\np 2 1001 not_json 5:ab\ns 3 1002 gauge-a r 8 901 2.0\nr 3 1003\na 1 1004\n"


def test_every_kind_of_line_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    path.write_text(LINES + "a 1 1009\ne 0 1010\n")
    ledger = ledgers.read(path)
    assert ledger.ended
    assert ledger.messages[1] == Sent(
        number=1, sent=1000, device="gauge-a", run="r", seq=7, at=900, value=1.25, acknowledged=1004
    )
    assert (ledger.messages[2].kind, ledger.messages[2].digest) == ("not_json", "5:ab")
    assert ledger.messages[3].repeats == 1
    assert [one.number for one in ledger.acknowledged] == [1]


def test_a_torn_last_line_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    path.write_text(LINES + "a 3 10")
    assert ledgers.read(path).messages[3].acknowledged is None
    assert not ledgers.read(path).ended


def test_a_ledger_that_was_never_begun_is_empty(tmp_path: Path) -> None:
    assert ledgers.read(tmp_path / "none").messages == {}
    assert Tally(tmp_path / "none").look().sent == 0


def test_a_line_of_nobody_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    path.write_text("x 1 2\n")
    with pytest.raises(ValueError, match="no generator"):
        ledgers.read(path)


def test_a_tally_counts_whole_lines_once_while_they_come(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    tally = Tally(path)
    path.write_text(LINES[:-3])
    assert (tally.look().sent, tally.acknowledged, tally.ended) == (3, 0, False)
    path.write_text(LINES + "e 0 1010\n")
    assert (tally.look().sent, tally.acknowledged, tally.ended) == (3, 1, True)


def test_the_payload_is_the_default_codecs_and_always_the_same() -> None:
    sent = Sent(number=1, sent=0, device="gauge-a", run="r", seq=7, at=1_700_000_000_123, value=1.5)
    wanted = b'{"at":"2023-11-14T22:13:20.123Z","run":"r","seq":7,"values":{"rain_sum":1.5,"rain_hours":1.5}}'
    assert payload_of(sent, ["rain_sum", "rain_hours"]) == wanted


def test_two_long_payloads_of_one_head_differ_by_their_length() -> None:
    assert digest_of(b"x" * 5000) != digest_of(b"x" * 5001)
    assert digest_of(b"x" * 5000).split(":")[1] == digest_of(b"x" * 5001).split(":")[1]
