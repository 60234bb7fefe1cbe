"""Segments of short messages, accents that are left out, and texts that are made to fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.tell.sms import EXTENDED, GSM, fitted, segments, unaccented, units

ANY = st.text(st.characters(exclude_categories=("Cs",)), max_size=400)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3),
        ("€" * 80, 1), ("€" * 81, 2), ("[" * 76 + "a" * 8, 1), ("a" * 152 + "€" + "a" * 152, 3),
        ("ế" * 70, 1), ("ế" * 71, 2), ("ế" * 134, 2), ("ế" * 135, 3), ("a" * 70 + "ạ", 2),
        ("🌊" * 35, 1), ("🌊" * 36, 2), ("ạ" * 66 + "🌊" + "ạ" * 66, 3), ("Đ", 1), ("đ" * 71, 2), ("à" * 160, 1),
    ],
)  # fmt: skip
def test_segments_are_counted_as_networks_count_them(text: str, number: int) -> None:
    assert segments(text) == number


def test_vietnamese_is_written_without_accents() -> None:
    said = unaccented("Đê bao vỡ – Ngập “sâu” 1,5 m… ở Điện Bàn; đường Nguyễn Huệ ngập nặng")
    assert said == 'De bao vo - Ngap "sau" 1,5 m... o Dien Ban; duong Nguyen Hue ngap nang'
    assert unaccented("nước lũ 🌊 漢") == "nuoc lu ? ?"
    assert unaccented("a\u0309 e\u0323") == "a e"


@given(ANY)
def test_what_has_no_accents_is_of_the_gsm_alphabet(text: str) -> None:
    assert all(sign in GSM or sign in EXTENDED for sign in unaccented(text))


@given(ANY, st.integers(1, 6), st.sampled_from(["", "https://ioc.example/t/123456", "đường dẫn"]))
def test_a_text_fits_into_what_it_may_take(text: str, most: int, tail: str) -> None:
    said = fitted(text, most, tail)
    assert segments(said) <= most
    if tail:
        assert said.endswith(tail)


@given(ANY, st.integers(1, 6))
def test_nothing_is_cut_that_would_have_fitted(text: str, most: int) -> None:
    said = fitted(text, most)
    if said.endswith("…") and not text.rstrip().endswith("…"):
        whole = said[:-1]
        assert segments(text) > most
        assert units(whole + "x" * 69)[0] > 60 * most


def test_a_text_that_is_cut_says_so() -> None:
    assert fitted("a" * 200, 1) == "a" * 157 + "..."
    assert fitted("ạ" * 200, 1) == "ạ" * 69 + "…"
    assert fitted("ạ" * 200, 1, "x.vn/1") == "ạ" * 62 + "… x.vn/1"
    assert fitted("ạ" * 10, 1, "https://ioc.example/" + "x" * 60) == "ạ" * 10
