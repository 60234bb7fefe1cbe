"""The chain: any change, removal, insertion or swap is found, and the first broken link is named."""

import datetime as dt
import hashlib
import json
from typing import Any

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from ioc.audit.chain import START, ZERO, Entry, Head, Sealed, digest, seal, verify
from tests.fakes.trail import AT, chain, entries, entry, moments, texts, values

chains = st.lists(entries, min_size=1, max_size=8).map(lambda rows: seal(rows, START, AT))
CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "id": st.integers(1, 1 << 40),
    "at": moments,
    "outcome": st.sampled_from(["done", "refused", "failed"]),
    "centre": st.none() | texts,
    "area": st.none() | texts,
    "before": values,
    "after": values,
}


def test_the_hash_is_that_of_the_documented_form() -> None:
    """Made here by the standard library alone, as the docstring of the module says."""
    one = entry(1, text='Lũ "về"', before={"b": 1, "a": [1.5, None, True]})
    form = [
        *("ioc-audit-1", 1, "00" * 32, "2026-11-22T03:04:05.000678Z", 1, "2026-11-22T03:04:06.000678Z", "operator"),
        *("incident.acknowledge", "incident", "thing-1", "quang-nam", "502@2024-09-01", "10.0.0.7", "done"),
        *({"a": [1.5, None, True], "b": 1}, {"status": "acknowledged"}, 'Lũ "về"'),
    ]
    text = json.dumps(form, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert digest(one, 1, ZERO, AT) == hashlib.sha256(text.encode()).digest()


def test_the_time_zone_that_a_moment_is_told_in_does_not_matter() -> None:
    elsewhere = entry(1).at.astimezone(dt.timezone(dt.timedelta(hours=7)))
    assert digest(entry(1, at=elsewhere), 1, ZERO, AT) == digest(entry(1), 1, ZERO, AT)


@given(chains)
def test_an_untouched_chain_holds_and_its_last_link_is_told(rows: list[Sealed]) -> None:
    found = verify(rows, [rows[-1].head, rows[0].head])
    assert found.fault is None
    assert (found.rows, found.last) == (len(rows), rows[-1].head)


@given(chains, st.data())
def test_any_changed_field_of_a_deed_is_found_at_its_row(rows: list[Sealed], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    name = data.draw(st.sampled_from(Entry.__struct_fields__))
    value = data.draw(CHANGES.get(name, texts))
    before = rows[place].entry
    # 1 and 1.0 are one number to JSON but not to the chain; equal values of one type are no change.
    assume(repr(value) != repr(getattr(before, name)))
    after = msgspec.structs.replace(before, **{name: value})
    assume(digest(after, 1, ZERO, AT) != digest(before, 1, ZERO, AT) or repr(after) != repr(before))
    rows[place] = msgspec.structs.replace(rows[place], entry=after)
    fault = verify(rows).fault
    if isinstance(value, dict) and value == getattr(before, name):
        return  # the same members in another order
    assert fault is not None
    assert (fault.kind, fault.seq) == ("changed", place + 1)
    assert f"row {place + 1} " in fault.sentence


@given(chains, st.data())
def test_any_changed_seal_is_found_at_its_row(rows: list[Sealed], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    other = data.draw(
        st.fixed_dictionaries({"previous": st.binary(min_size=32, max_size=32)})
        | st.fixed_dictionaries({"hash": st.binary(min_size=32, max_size=32)})
        | st.fixed_dictionaries({"sealed_at": moments})
    )
    changed = msgspec.structs.replace(rows[place], **other)
    assume(changed != rows[place])
    rows[place] = changed
    fault = verify(rows).fault
    assert fault is not None
    assert fault.seq == place + 1


@given(chains, st.data())
def test_a_removed_row_is_named_as_missing(rows: list[Sealed], data: st.DataObject) -> None:
    """Also the newest one, when a link beyond it is known."""
    place, head = data.draw(st.integers(0, len(rows) - 1)), rows[-1].head
    del rows[place]
    fault = verify(rows, [head]).fault
    assert fault is not None
    assert (fault.kind, fault.seq) == ("removed" if place == len(rows) else "gap", place + 1)


@given(st.integers(2, 8).map(chain), st.data())
def test_a_removed_row_whose_followers_were_renumbered_is_found(rows: list[Sealed], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 2))
    del rows[place]
    moved = [msgspec.structs.replace(row, seq=number) for number, row in enumerate(rows, 1)]
    fault = verify(moved).fault
    assert fault is not None
    assert fault.seq == place + 1


@given(st.integers(2, 8).map(chain), st.data())
def test_an_inserted_or_doubled_row_is_found(rows: list[Sealed], data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(rows)))
    (forged,) = seal([entry(99)], rows[place - 1].head, AT)
    fault = verify([*rows[:place], forged, *rows[place:]]).fault
    if place == len(rows):
        assert fault is None  # a row that the sealer could have written: only a known head tells
        fault = verify([*rows, forged], [Head(forged.seq, bytes(32))]).fault
        assert fault is not None
        assert fault.kind == "rewritten"
        return
    assert fault is not None
    assert fault.seq == place + 1
    doubled = verify([*rows[:place], rows[place - 1], *rows[place:]]).fault
    assert doubled is not None
    assert doubled.kind == "order"


@given(st.integers(2, 8).map(chain), st.data())
def test_two_rows_that_changed_places_are_found_at_the_first(rows: list[Sealed], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(rows) - 2))
    second = data.draw(st.integers(first + 1, len(rows) - 1))
    whole = [*rows]
    whole[first], whole[second] = whole[second], whole[first]
    fault = verify(whole).fault
    assert fault is not None
    assert fault.seq == first + 1
    contents = [*rows]
    contents[first] = msgspec.structs.replace(rows[first], entry=rows[second].entry)
    contents[second] = msgspec.structs.replace(rows[second], entry=rows[first].entry)
    fault = verify(contents).fault
    assert fault is not None
    assert (fault.kind, fault.seq) == ("changed", first + 1)


def test_a_chain_that_was_written_anew_betrays_itself_by_a_known_head() -> None:
    """Whoever may write everything can make a chain that holds in itself; not one that a known link fits."""
    known = chain(5)[2].head
    anew = seal([entry(place, who="nobody") for place in range(1, 6)], START, AT)
    assert verify(anew).fault is None
    fault = verify(anew, [known]).fault
    assert fault is not None
    assert (fault.kind, fault.seq) == ("rewritten", 3)


def test_a_chain_without_its_beginning_holds_as_a_part_only() -> None:
    rows = chain(6)[3:]
    fault = verify(rows).fault
    assert fault is not None
    assert (fault.kind, fault.seq) == ("gap", 1)
    assert "rows 1 to 3 are missing" in fault.sentence
    assert verify(rows, part=True).fault is None


def test_an_emptied_trail_is_found_by_what_is_known() -> None:
    assert verify([]).fault is None
    fault = verify([], [chain(3)[-1].head]).fault
    assert fault is not None
    assert "rows 1 to 3 were removed" in fault.sentence
