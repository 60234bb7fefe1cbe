from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from ioc.registration.label import HEIGHT_MM, WIDTH_MM, label

SVG = "{http://www.w3.org/2000/svg}"


def texts(drawing: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(drawing).iter(f"{SVG}text")]  # noqa: S314 - our own


def test_a_label_shows_the_code_and_the_words() -> None:
    found = label("/registry#device=gauge-ai-nghia", "gauge-ai-nghia", ("Ái Nghĩa", "river-gauge", "dai-loc"))
    assert texts(found) == ["gauge-ai-nghia", "Ái Nghĩa", "river-gauge", "dai-loc"]
    assert f'width="{WIDTH_MM}mm" height="{HEIGHT_MM}mm"' in found


def test_a_long_name_is_broken_at_blanks_and_leaves_no_more_than_three_lines() -> None:
    found = texts(label("x", "c", ("Trạm đo mực nước sông Vu Gia tại cầu Ái Nghĩa", "river-gauge", "dai-loc")))
    assert found == ["c", "Trạm đo mực nước sông Vu", "Gia tại cầu Ái Nghĩa", "river-gauge"]


@given(st.text(max_size=200), st.text(min_size=1, max_size=63), st.lists(st.text(max_size=200), max_size=4))
def test_whatever_is_written_stays_text(scanned: str, code: str, lines: list[str]) -> None:
    code = "".join(letter for letter in code if letter.isprintable()) or "c"
    found = label(scanned.encode("utf-8", "replace").decode() or "-", code, tuple(lines))
    root = ElementTree.fromstring(found.encode("utf-8", "replace"))  # noqa: S314 - our own
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {"svg", "title", "rect", "path", "text"}
