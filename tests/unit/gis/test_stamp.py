"""Stamps: an identity made only of what the source sent."""

import datetime as dt
import uuid

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.stamp import BELIEVED_FUTURE, BELIEVED_PAST, Stamp, believed, digest_of, is_code, uuid7

NOW = dt.datetime(2026, 11, 22, 1, 2, 3, tzinfo=dt.UTC)


def stamp(**changed: object) -> Stamp:
    return Stamp(**{"centre": "quang-nam", "source": "gauge-1", "at": NOW, "sequence": 1} | changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("good", ["ab", "a1", "0-", "gauge-ai-nghia", "a" * 63])
def test_a_code_is_2_to_63_lower_case_letters_digits_and_hyphens(good: str) -> None:
    assert is_code(good)


@pytest.mark.parametrize(
    "bad", ["", "a", "-a", "A1", "a_b", "a b", "a" * 64, "ab\n", "đà-nẵng", "a/b", "a+", "a#", "a\0"]
)
def test_anything_else_is_no_code(bad: str) -> None:
    assert not is_code(bad)


def test_a_naive_time_cannot_be_stamped() -> None:
    with pytest.raises(ValueError, match="zone"):
        stamp(at=NOW.replace(tzinfo=None))


def test_a_foreign_code_cannot_be_stamped() -> None:
    with pytest.raises(ValueError, match="code"):
        stamp(source="../etc")
    with pytest.raises(ValueError, match="code"):
        stamp(centre="")


def test_a_source_that_does_not_count_needs_a_digest() -> None:
    with pytest.raises(ValueError, match="digest"):
        stamp(sequence=None)
    assert stamp(sequence=None, digest="aa").key[3:5] == (-1, "aa")


def test_a_new_run_or_moment_or_number_is_another_observation() -> None:
    keys = {stamp().key, stamp(run="b").key, stamp(sequence=2).key, stamp(at=NOW + dt.timedelta(seconds=1)).key}
    assert len(keys) == 4


def test_the_same_moment_in_another_zone_is_the_same_observation() -> None:
    there = NOW.astimezone(dt.timezone(dt.timedelta(hours=7)))
    assert stamp(at=there).key == stamp().key


def test_the_position_is_no_part_of_the_key() -> None:
    assert "position" in Stamp.__struct_fields__
    assert msgspec.structs.replace(stamp(), position=None).key == stamp().key


@given(st.timedeltas(dt.timedelta(days=-2000), dt.timedelta(days=2000)))
def test_a_date_is_believed_from_366_days_ago_until_ten_minutes_ahead(off: dt.timedelta) -> None:
    assert believed(NOW + off, NOW) is (-BELIEVED_PAST <= off <= BELIEVED_FUTURE)


@pytest.mark.parametrize("year", [1, 1970, 2100, 9999])
def test_no_date_of_another_age_is_believed(year: int) -> None:
    assert not believed(dt.datetime(year, 6, 1, tzinfo=dt.UTC), NOW)


@given(st.binary(), st.binary())
def test_two_payloads_have_one_digest_only_when_they_are_equal(one: bytes, other: bytes) -> None:
    assert (digest_of(one) == digest_of(other)) is (one == other)
    assert len(digest_of(one)) == 16


@given(st.integers(0, 2**44), st.binary(min_size=10, max_size=10))
def test_a_uuid7_has_its_version_variant_and_millisecond(milliseconds: int, entropy: bytes) -> None:
    made = uuid7(dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=milliseconds), entropy)
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert abs((made.int >> 80) - milliseconds) <= 1


def test_later_uuid7s_sort_behind_earlier_ones() -> None:
    assert uuid7(NOW, b"\xff" * 10) < uuid7(NOW + dt.timedelta(milliseconds=1), b"\0" * 10)


def test_a_uuid7_needs_ten_bytes_of_entropy() -> None:
    with pytest.raises(ValueError, match="ten bytes"):
        uuid7(NOW, b"short")
