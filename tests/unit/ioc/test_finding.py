"""How names are compared, and what of the things found comes first."""

from hypothesis import given
from hypothesis import strategies as st

from gis.position import Position
from ioc.finding import EACH, Found, fold, number_of, ordered, patterns, position_of, rank, words


def test_accents_case_punctuation_and_the_stroke_do_not_matter() -> None:
    assert fold("  Xã Đại Lộc – 2 ") == "xa dai loc 2"
    assert fold("Ở Ư Ă Â Ê Ô đ") == "o u a a e o d"
    assert words("Hội  An hội") == ("hoi", "an")
    assert patterns(("an", "hoi")) == ["% an%", "%hoi%"]


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert all(word.isascii() and word.isalnum() for word in words(text))


def test_the_whole_name_is_better_than_its_beginning_that_than_words_those_than_what_lies_inside() -> None:
    def of(name: str, text: str) -> int | None:
        return rank(fold(name), words(text))

    assert of("Hội An", "hoi an") == 0
    assert of("Hội An Đông", "hoi an") == 1
    assert of("Phường Hội An", "an hoi") == 2
    assert of("Sông Thu Bồn", "ong") == 3
    assert of("Sông Thu Bồn", "ng") is None
    assert of("Sông Thu Bồn", "thu dong") is None


def test_no_kind_crowds_the_others_out_and_what_is_over_comes_after() -> None:
    devices = [Found(kind="device", id=str(n), names=(f"Trạm {n}",)) for n in range(30)]
    old = Found(kind="area", id="old", names=("Trạm Cũ",), over=True)
    exact = Found(kind="camera", id="c", names=("Trạm",))
    found = ordered([*devices, old, exact], ("tram",), 10)
    assert len(found) == 10
    assert (found[0].id, found[-1].id) == ("c", "old")
    few = ordered([*devices, old, exact], ("tram",), EACH + 2)
    assert {one.kind for one in few} == {"device", "area", "camera"}


def test_coordinates_are_read_in_either_order() -> None:
    at = Position(lon=108.33, lat=15.88)
    assert position_of("15.88, 108.33") == position_of(" 108.33 15.88 ") == position_of("15.88;108.33") == at
    assert [position_of(text) for text in ("15.88", "-200, 300", "a, b", "15.88, 108.33, 2")] == [None] * 4


def test_a_ticket_is_named_by_its_number() -> None:
    assert [number_of(text) for text in ("12", "#12", "phiếu 12", "Ticket #12")] == [12] * 4
    assert [number_of(text) for text in ("x12", "12a", "", "9" * 19)] == [None] * 4
