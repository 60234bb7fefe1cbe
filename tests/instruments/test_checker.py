"""The checker finds every loss and every double in forged ledgers, and nothing else."""

from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from tests.instruments.checker import Found, Letter, Row, account
from tests.instruments.ledger import Ledger, Sent, digest_of, payload_of

PROPERTIES = ("rain_sum", "rain_hours")


def sent(number: int, **more: Any) -> Sent:
    about: dict[str, Any] = {"device": f"rain-{number % 3}", "run": "r", "seq": number, "at": 1000 + number}
    return Sent(number=number, sent=number, value=number / 10, **about | {"acknowledged": number} | more)


def rows_of(one: Sent) -> list[Row]:
    return [Row(one.device, one.run, one.seq, one.at, name, one.value) for name in PROPERTIES]


def letter_of(one: Sent, reason: str = "it is not JSON") -> Letter:
    return Letter(one.digest or digest_of(payload_of(one, PROPERTIES)), reason)


def ledger(*messages: Sent) -> Ledger:
    return Ledger(messages={one.number: one for one in messages})


FATES = (
    "kept",
    "refused",
    "poison_refused",
    "refused_by_stamp",
    "unacknowledged",
    "unacknowledged_kept",
    "missing",
    "lost",
    "half_lost",
    "wrong_value",
    "wrong_moment",
    "no_reason",
    "poison_lost",
    "twice",
    "half_twice",
    "twice_in_time",
)
"""What may be true of a message of a forged ledger."""

POISONED = {"poison_refused", "poison_lost"}
LOST = {"lost", "half_lost", "wrong_value", "wrong_moment", "no_reason", "poison_lost"}
TWICE = {"twice", "half_twice", "twice_in_time"}


def forge(number: int, fate: str) -> tuple[Sent, list[Row], list[Letter], set[tuple[str, str, int]]]:
    """A message, and the rows, letters and reported gaps that a centre would have if this were its fate."""
    one = sent(number, acknowledged=None if fate.startswith("unack") else number)
    if fate in POISONED:
        one = Sent(number=number, sent=1, kind="not_json", digest=f"5:{number}", acknowledged=number)
    rows = rows_of(one)
    second = Row(one.device, one.run, one.seq, one.at + 1, PROPERTIES[0], one.value)
    other = Row(one.device, one.run, one.seq, one.at, PROPERTIES[0], one.value + 1)
    by_fate: dict[str, list[Row]] = {
        "kept": rows,
        "unacknowledged_kept": rows,
        "half_lost": rows[:1],
        "wrong_value": [other, rows[1]],
        "wrong_moment": [second, rows[1]],
        "twice": rows * 2,
        "half_twice": [*rows, rows[0]],
        "twice_in_time": [*rows, second],
    }
    letters = {
        "refused": [letter_of(one)],
        "poison_refused": [letter_of(one), letter_of(one)],
        "refused_by_stamp": [Letter("9:other", "mend it", one.key)],
        "no_reason": [letter_of(one, "")],
    }
    return one, by_fate.get(fate, []), letters.get(fate, []), {one.key} if fate == "missing" else set()


@given(st.lists(st.sampled_from(FATES), max_size=60), st.integers(0, 3), st.randoms())
@settings(deadline=None)
def test_exactly_what_was_forged_is_found(fates: list[str], foreign: int, random: Any) -> None:
    """Losses, doubles, wrong values, refusals with and without a trace, and rows that nobody sent."""
    messages, rows, letters, missing = [], [], [], set()
    for number, fate in enumerate(fates, 1):
        one, its_rows, its_letters, its_missing = forge(number, fate)
        messages.append(one)
        rows += its_rows
        letters += its_letters
        missing |= its_missing
    rows += [Row("rain-x", "r", number, 1, "rain_sum", 1.0) for number in range(foreign)]
    random.shuffle(rows)
    random.shuffle(letters)
    result = account(ledger(*messages), Found(rows, letters, frozenset(missing)), PROPERTIES)
    assert {one.number for one in result.lost} == {n for n, fate in enumerate(fates, 1) if fate in LOST}
    assert {one.number for one in result.twice} == {n for n, fate in enumerate(fates, 1) if fate in TWICE}
    assert len(result.foreign) == foreign
    assert result.kept == fates.count("kept") + fates.count("unacknowledged_kept")
    assert result.refused == sum(fates.count(one) for one in ("refused", "poison_refused", "refused_by_stamp"))
    assert result.again == fates.count("poison_refused")
    assert (result.missing, result.unacknowledged) == (fates.count("missing"), fates.count("unacknowledged"))
    assert result.well == (not (LOST | TWICE) & set(fates) and not foreign)


@given(st.sets(st.integers(1, 200)), st.sets(st.integers(1, 200)))
@settings(deadline=None)
def test_random_rows_removed_and_doubled_are_named(removed: set[int], doubled: set[int]) -> None:
    """Rows of a clean run of 200 messages are taken away and doubled: the checker names exactly those."""
    messages = [sent(number) for number in range(1, 201)]
    rows = [row for one in messages if one.number not in removed for row in rows_of(one)]
    rows += [rows_of(one)[1] for one in messages if one.number in doubled - removed]
    result = account(ledger(*messages), Found(rows, []), PROPERTIES)
    assert {one.number for one in result.lost} == removed
    assert {one.number for one in result.twice} == doubled - removed
    assert result.kept == 200 - len(removed | doubled)


def test_a_sentence_says_where_all_are() -> None:
    result = account(ledger(sent(1), sent(2)), Found(rows_of(sent(1)), []), PROPERTIES)
    assert "kept 1" in str(result)
    assert "lost 1" in str(result)
    assert "rain-2/r/2" in str(result)
