"""Messages of the security centre, read by a parser that knows nothing of the writer."""

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.audit import cef
from ioc.audit.chain import Head, seal
from tests.fakes.shared import real_clips
from tests.fakes.trail import AT, chain, entries, entry, texts

SOURCE = cef.Source(host="ioc.quangnam.gov.vn", process=17, version="0.1.0")
SYSLOG = re.compile(
    r"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) "
    r'([!-~]{1,32}) \[meta sequenceId="(\d+)"\] (CEF:0\|.*)\Z',
    re.DOTALL,
)


def parsed(text: str) -> tuple[list[str], dict[str, str]]:
    """Header fields and extension of a CEF line, by the rules of the standard: letter by letter."""
    assert text.startswith("CEF:")
    fields, now, rest = [], "", iter(text[4:])
    for letter in rest:
        if letter == "\\":
            now += next(rest)
        elif letter == "|":
            fields.append(now)
            now = ""
            if len(fields) == 7:
                break
        else:
            now += letter
    found: dict[str, str] = {}
    marks = list(re.finditer(r"(?:(?<=\s)|\A)([A-Za-z0-9_.\[\]]+)(?<!\\)=", extension := "".join(rest)))
    for mark, following in zip(marks, [*marks, None][1:], strict=True):
        raw = extension[mark.end() : following.start() - 1 if following else len(extension)]
        found[mark[1]] = re.sub(r"\\(.)", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]), raw)
    return fields, found


@given(texts, texts)
def test_what_is_escaped_in_an_extension_is_read_back(first: str, second: str) -> None:
    line = f"CEF:0|a|b|c|d|e|5|msg={cef.extension(first)} suser={cef.extension(second)}"
    assert len(line.splitlines()) == 1
    _, found = parsed(line)
    assert found == {"msg": re.sub(BREAKS, "\n", first), "suser": re.sub(BREAKS, "\n", second)}


BREAKS = "[\v\f\x1c\x1d\x1e\x85\u2028\u2029]"


@given(texts)
def test_what_is_escaped_in_a_header_is_read_back_on_one_line(text: str) -> None:
    fields, _ = parsed(f"CEF:0|{cef.header(text)}|b|c|d|e|5|")
    assert fields == ["0", re.sub(f"{BREAKS}|[\r\n]", " ", text), "b", "c", "d", "e", "5"]


@given(entries)
def test_any_row_makes_one_message_that_a_receiver_takes(row: object) -> None:
    """One line, at most 8,192 bytes, a header of visible ASCII, and the place in the chain."""
    (sealed,) = seal([row], chain(3)[-1].head, AT)  # type: ignore[list-item]
    text = cef.message(sealed, SOURCE)
    assert len(text) <= 8192
    assert b"\n" not in text
    found = SYSLOG.match(text.decode())
    assert found
    fields, extension = parsed(found[8])
    assert fields[1:3] == ["Quang Nam", "IOC"]
    assert (extension["externalId"], extension["cs1"]) == ("4", sealed.hash.hex())


def test_a_row_says_who_did_what_when_from_where_and_how_it_went() -> None:
    (row,) = seal([entry(1, text="a=b|c\\d\nnext", outcome="refused")], Head(41, bytes(32)), AT)
    found = SYSLOG.match(cef.message(row, SOURCE).decode())
    assert found
    assert found.groups()[:7] == (
        "108",  # log audit, warning
        "2026-11-22T03:04:06.000678Z",
        "ioc.quangnam.gov.vn",
        "ioc",
        "17",
        "incident.acknowledge",
        "42",
    )
    fields, extension = parsed(found[8])
    assert fields == ["0", "Quang Nam", "IOC", "0.1.0", "incident.acknowledge", "Incident acknowledged", "6"]
    expected = {
        "rt": "1795316646000",
        "externalId": "42",
        "suser": "operator",
        "src": "10.0.0.7",
        "act": "incident.acknowledge",
        "outcome": "failure",
        "cat": "incident",
        "cs2Label": "thing",
        "cs2": "thing-1",
        "cs3": "quang-nam",
        "cs4": "502@2024-09-01",
        "msg": "a=b|c\\d\nnext",
    }
    assert expected.items() <= extension.items()


@pytest.mark.parametrize(
    ("address", "where"), [("10.1.2.3", "src"), ("2001:db8::1", "c6a2"), ("relay.example", "shost")]
)
def test_an_address_stands_under_the_key_of_its_kind(address: str, where: str) -> None:
    (row,) = seal([entry(1, address=address)], Head(0, bytes(32)), AT)
    assert parsed(cef.message(row, SOURCE).decode().partition("] ")[2])[1][where] == address


def test_the_longest_row_stays_below_what_every_receiver_takes() -> None:
    big = "=" * 5_000
    (row,) = seal([entry(1, who=big, thing=big, text=big, kind=big, act=big)], Head(0, bytes(32)), AT)
    assert len(cef.message(row, SOURCE)) <= 8192


def test_the_head_is_told_with_its_hash() -> None:
    text = cef.notice("audit.head", Head(7, bytes(range(32))), dt.datetime(2026, 1, 1, tzinfo=dt.UTC), SOURCE)
    extension = parsed(text.decode().partition("] ")[2])[1]
    assert (extension["externalId"], extension["cs1"]) == ("7", bytes(range(32)).hex())


@given(st.binary(max_size=300))
def test_a_frame_tells_the_length_in_bytes(text: bytes) -> None:
    length, _, rest = cef.framed(text).partition(b" ")
    assert int(length) == len(rest)
    assert rest == text


def test_the_parser_of_these_tests_reads_the_fields_real_lines() -> None:
    clips = real_clips()
    if clips is None:
        pytest.skip("the field's messages are not on this machine")
    for line in (clips.parent / "messages/security/cef_samples.txt").read_text("utf-8").splitlines():
        if "CEF:" in line and line[0] != "#":
            fields, extension = parsed("CEF:" + line.partition("CEF:")[2])
            assert len(fields) == 7
            assert extension
