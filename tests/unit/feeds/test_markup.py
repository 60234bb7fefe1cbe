"""XML from outside: read by namespaces, and bounded whatever is sent."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.markup import DEEPEST, MOST_ATTRIBUTES, MOST_ELEMENTS, MarkupError, parse

MOST = 10 * 2**20


def refused(payload: bytes, largest: int = MOST) -> str:
    with pytest.raises(MarkupError) as told:
        parse(payload, largest)
    return told.value.code


def test_names_are_told_apart_by_their_namespaces() -> None:
    root = parse(b'<a xmlns="urn:x" xmlns:o="urn:y"><b> one </b><o:b p="1">two</o:b></a>', MOST)
    assert (root.space, root.name) == ("urn:x", "a")
    assert [one.text for one in root.every("b", "urn:x")] == ["one"]
    other = root.first("b", "urn:y")
    assert other is not None
    assert (other.text, other.attributes) == ("two", {"p": "1"})
    assert len(list(root.every("b"))) == 2
    assert root.first("c") is None


@pytest.mark.parametrize(
    ("encoding", "head"),
    [
        ("utf-8", ""),
        ("utf-8", "\ufeff"),
        ("utf-8", "\n  "),
        ("utf-8", '<?xml version="1.0" encoding="UTF-8"?>'),
        ("utf-8", '\ufeff\n<?xml version="1.0"?>'),
        ("utf-16", '<?xml version="1.0" encoding="UTF-16"?>'),
        ("utf-16", ""),
        ("cp1258", '<?xml version="1.0" encoding="windows-1258"?>'),
        ("latin-1", '<?xml version="1.0" encoding="ISO-8859-1"?>'),
    ],
    ids=str,
)
def test_encodings_and_byte_order_marks_are_understood(encoding: str, head: str) -> None:
    assert parse(f"{head}<a>é</a>".encode(encoding), MOST).text == "é"


def test_bombs_do_not_burst() -> None:
    """Entities, references to files, depth, numbers, size: each is refused before it costs anything."""
    laughs = b'<!DOCTYPE a [<!ENTITY l "ha"><!ENTITY m "&l;&l;&l;">]><a>&m;</a>'
    assert refused(laughs) == "doctype"
    assert refused(b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>') == "doctype"
    assert refused(b"<a>" * (DEEPEST + 1) + b"</a>" * (DEEPEST + 1)) == "large"
    assert refused(b"<a>" + b"<b/>" * MOST_ELEMENTS + b"</a>") == "large"
    attributes = " ".join(f'a{number}="1"' for number in range(MOST_ATTRIBUTES + 1))
    assert refused(f"<a {attributes}/>".encode()) == "large"
    assert refused(b"<a/>" + b" " * 100, 50) == "large"
    assert refused(b"<a>&undeclared;</a>") == "not_xml"


@pytest.mark.parametrize(
    "payload",
    [b"", b"   ", b"{}", b"<a>", b"<a></b>", b"<a/><b/>", b"\xff\xfe", b"<a>\x00</a>", b"<x:a/>", b"<a>\xe9</a>",
     b'<?xml version="1.0" encoding="odd"?><a/>', b"<?xml version='1.0' encoding='utf-7'?><a/>"],
)  # fmt: skip
def test_what_is_no_xml_is_refused(payload: bytes) -> None:
    assert refused(payload) == "not_xml"


@given(st.binary(max_size=300))
def test_whatever_comes_is_an_element_or_a_refusal(payload: bytes) -> None:
    with contextlib.suppress(MarkupError):
        parse(payload, MOST)
