"""Exports: verified without the database, and every damage told."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.audit.chain import START, Entry, Head, seal
from ioc.audit.lines import ExportError, ending, inspect, line
from tests.fakes.trail import AT, chain, entries


def export(number: int = 6, first: int = 0) -> list[bytes]:
    rows = chain(number)[first:]
    return [*(line(row) for row in rows), ending(len(rows), rows[-1].head if rows else START)]


@given(st.lists(entries, max_size=5))
def test_an_export_of_any_rows_holds(rows: list[Entry]) -> None:
    sealed = seal(rows, START, AT)
    last = sealed[-1].head if sealed else START
    found = inspect([*(line(row) for row in sealed), ending(len(sealed), last)])
    assert found.fault is None
    assert found.rows == len(rows)


def test_a_part_of_the_chain_holds_and_is_compared_with_what_is_known() -> None:
    known = chain(6)[4].head
    assert inspect(export(first=3), [known]).fault is None
    fault = inspect(export(first=3), [Head(5, bytes(32))]).fault
    assert fault is not None
    assert (fault.kind, fault.seq) == ("rewritten", 5)


@pytest.mark.parametrize("name", ["who", "act", "at", "after", "seq", "hash", "previous", "sealed_at", "id", "text"])
def test_a_changed_field_is_found(name: str) -> None:
    lines = export()
    value = orjson.loads(lines[2])
    value[name] = {
        "at": "2026-11-22T03:04:09.000000Z", "sealed_at": "2026-11-22T03:04:09.000000Z", "after": {"status": "new"},
        "seq": 9, "id": 9, "hash": "11" * 32, "previous": "11" * 32,
    }.get(name, "x")  # fmt: skip
    lines[2] = orjson.dumps(value)
    fault = inspect(lines).fault
    assert fault is not None
    assert fault.seq == 3


def test_a_removed_line_is_found_wherever_it_was() -> None:
    for place in range(1, 5):
        lines = export()
        del lines[place]
        fault = inspect(lines).fault
        assert fault is not None
        assert (fault.kind, fault.seq) == ("gap", place + 1)
    lines = export()
    del lines[5]
    with pytest.raises(ExportError, match="removed from the end"):
        inspect(lines)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda lines: lines[:-1], "cut off"),
        (lambda lines: [*lines, lines[0]], "after the last one"),
        (lambda lines: [*lines[:2], b"{}", *lines[2:]], "line 3"),
        (lambda lines: [*lines[:2], lines[2][:40], *lines[3:]], "line 3"),
        (lambda lines: [b"[]", *lines], "line 1"),
        (lambda lines: [lines[0].replace(b'"seq":1,', b'"seq":"1",'), *lines[1:]], "whole numbers"),
        (lambda lines: [lines[0].replace(b"000678Z", b"000678123Z"), *lines[1:]], "six decimals"),
    ],
)
def test_what_is_no_export_is_told(damage: object, why: str) -> None:
    with pytest.raises(ExportError, match=why):
        inspect(damage(export()))  # type: ignore[operator]
