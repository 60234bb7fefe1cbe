"""How the desk finds what cannot be judged; whole journeys are tried in tests/integration/test_desk_unjudged.py."""

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.observation import Reading
from ioc.store import journal
from ioc.unjudged import TRIES, WARY, Defence
from tests.fakes.things import NOW, reading


class Row(dict[str, object]):
    """A row of the journal as the store gives it."""


def sealed(number: int, values: int = 1) -> journal.Sealed:
    payload = journal.sealed([reading(seq=seq) for seq in range(values)])
    return journal.Sealed(number, Row(id=number, arrived_at=NOW, kind=journal.KIND, payload=payload))


def sequences(entry: journal.Entry) -> list[int | None]:
    return [one.stamp.sequence for one in entry.observations]


def stumble(defence: Defence, rows: int, times: int = 1, error: Exception | None = None, through: int = 0) -> None:
    for _ in range(times):
        defence.takes(through, [sealed(through + number + 1) for number in range(rows)])
        defence.stumbled(error if error is not None else KeyError("x"))


def test_after_three_stumbles_at_a_place_rows_are_taken_one_by_one_to_the_end_of_the_page() -> None:
    defence = Defence()
    stumble(defence, 5, TRIES - 1)
    assert defence.limit(0, 50) == 50
    stumble(defence, 5)
    assert [defence.limit(through, 50) for through in (0, 4, 5)] == [1, 1, 50]
    stumble(defence, 1, TRIES - 1)
    assert not defence.sifts
    stumble(defence, 1)
    assert defence.sifts


def test_stumbles_elsewhere_and_outages_are_not_counted() -> None:
    defence = Defence()
    stumble(defence, 5, TRIES - 1)
    stumble(defence, 5, TRIES - 1, through=9)
    stumble(defence, 5, 9, ConnectionResetError(), through=9)
    defence.stumbled(KeyError("before anything was taken"))
    assert defence.limit(9, 50) == 50
    defence.takes(9, [sealed(10)])
    defence.passed()
    stumble(defence, 1, TRIES - 1, through=9)
    assert (defence.limit(9, 50), defence.sifts) == (50, False)


@given(st.integers(0, 40).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, max(0, n - 1))))))
async def test_exactly_the_bad_ones_are_left_out_and_the_good_stay_in_order(drawn: tuple[int, set[int]]) -> None:
    number, bad = drawn

    async def trial(entry: journal.Entry) -> None:
        if bad & set(sequences(entry)):  # type: ignore[arg-type]
            raise KeyError("x")

    defence, row = Defence(), sealed(1, number)
    await defence.sift(row, trial)
    good = defence.opened(row)
    assert sequences(good) == [seq for seq in range(number) if seq not in bad]
    assert (good.id, good.arrived_at) == (1, NOW)
    assert len(sequences(defence.opened(sealed(2, number)))) == number
    defence.takes(0, [row])
    assert defence.passed() == len(bad & set(range(number)))
    assert len(sequences(defence.opened(row))) == number


async def test_what_is_bad_only_together_loses_the_later_one() -> None:
    async def trial(entry: journal.Entry) -> None:
        if {1, 6} <= set(sequences(entry)):
            raise KeyError("x")

    defence, row = Defence(), sealed(1, 8)
    await defence.sift(row, trial)
    assert sequences(defence.opened(row)) == [0, 1, 2, 3, 4, 5, 7]


@pytest.mark.parametrize("error", [KeyError("with nothing in it"), ConnectionResetError()])
async def test_where_no_observation_is_at_fault_nothing_is_left_out(error: Exception) -> None:
    async def trial(entry: journal.Entry) -> None:
        raise error

    defence, row = Defence(), sealed(1, 3)
    stumble(defence, 1, TRIES)
    with pytest.raises(type(error)):
        await defence.sift(row, trial)
    assert defence.sifts
    assert len(sequences(defence.opened(row))) == 3


async def test_an_outage_in_between_blames_nobody() -> None:
    async def trial(entry: journal.Entry) -> None:
        if len(entry.observations) == 1:
            raise TimeoutError
        if entry.observations:
            raise KeyError("x")

    defence = Defence()
    with pytest.raises(TimeoutError):
        await defence.sift(sealed(1, 4), trial)
    assert len(sequences(defence.opened(sealed(1, 4)))) == 4


async def test_after_something_was_left_out_one_stumble_is_enough_for_a_while() -> None:
    async def trial(entry: journal.Entry) -> None:
        if entry.observations:
            raise KeyError("x")

    defence, row = Defence(), sealed(1)
    await defence.sift(row, trial)
    defence.takes(0, [row])
    assert defence.passed() == 1
    stumble(defence, 5, through=20)
    assert defence.limit(20, 50) == 1
    for number in range(WARY):
        defence.takes(30 + number, [sealed(31 + number)])
        defence.passed()
    stumble(defence, 5, through=5000)
    assert defence.limit(5000, 50) == 50


def test_the_rows_are_of_the_kind_that_the_journal_writes() -> None:
    [one] = sealed(3).opened().observations
    assert isinstance(one, Reading)
    assert msgspec.structs.replace(one, stamp=one.stamp) == reading(seq=0)
    assert sealed(3).opened().arrived_at - NOW == dt.timedelta()
