"""What a spreadsheet would carry out is inert, and is what it was when it comes home."""

from hypothesis import example, given
from hypothesis import strategies as st

from ioc.registration.inert import harmless, restored

_SIGNS = st.text(alphabet="=+-@＝＋－＠'\"\t\r\n;|, a1.", max_size=12)


@given(_SIGNS)
@example("=1")
@example("'=1")
@example("''=1")
@example("\t=1")
@example("a;'=b")
@example("'\r")
@example("''\t")
def test_what_was_made_inert_is_restored(text: str) -> None:
    assert restored(harmless(text)) == text


@given(_SIGNS)
def test_nothing_inert_begins_like_a_formula(text: str) -> None:
    made = harmless(text)
    number = made.lstrip("+-").replace(".", "", 1).isdigit()
    assert number or not made.lstrip().startswith(tuple("=+-@＝＋－＠"))
    assert not made.startswith(("\t", "\r", "\n"))
