"""Lines of the broker's log; that Mosquitto writes them so is tried in tests/integration/test_refusals.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.denials import LONGEST, MARK, Denied, denied

LINE = b"1795700452: Denied PUBLISH from %s (d0, q1, r0, m17, '%s', ... (2 bytes))"
TOPIC = b"ioc/v1/dai-loc/gauge-b/readings"


@pytest.mark.parametrize(
    ("client", "topic", "told"),
    [
        (b"gauge-a~", TOPIC, ("gauge-a~", TOPIC.decode())),
        (b"gauge-a", b"it's 'so', ... (9 bytes))", ("gauge-a", "it's 'so', ... (9 bytes))")),
        (b"gauge-a", b"x (d0, q1, r0, m1, 'y", ("gauge-a", "x (d0, q1, r0, m1, 'y")),
        (b'it\'s "odd" (a)', b"", ('it\'s "odd" (a)', "")),
        (b"", TOPIC, ("", TOPIC.decode())),
        ("trạm".encode(), "sông/Thu Bồn".encode(), ("trạm", "sông/Thu Bồn")),
        (b"a\nb", b"c\xff\x00\xe2\x80\x8bd", ("a\ufffdb", "c\ufffd\ufffd\ufffdd")),
        (b"gauge-a", b"y" * (LONGEST + 1), ("gauge-a", "y" * (LONGEST - 1) + "…")),
        (b"gauge-a", b"y" * LONGEST, ("gauge-a", "y" * LONGEST)),
    ],
)
def test_whoever_was_refused_is_read_as_it_stands(client: bytes, topic: bytes, told: tuple[str, str]) -> None:
    assert denied(LINE % (client, topic)) == Denied(*told)


def test_what_the_broker_cut_is_a_refusal_too() -> None:
    whole = LINE % (b"gauge-a", b"z" * 2_000)
    assert denied(whole[:999]) == Denied("gauge-a", "z" * (LONGEST - 1) + "…")
    assert denied((LINE % (b"c" * 2_000, TOPIC))[:999]) == Denied("c" * (LONGEST - 1) + "…", "")
    assert denied(b"2026-11-26T13:40:00Z: Denied PUBLISH from gauge-a (d0, q0, r1, m0, 'x") == Denied("gauge-a", "x")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"1795700452: Received PUBLISH from a (d0, q1, r0, m1, 'x: Denied PUBLISH from b (d0, q1, r0, m1, 'y'",
        b"1: New client connected from 127.0.0.1:1 as 1: Denied PUBLISH from b (d0, q1, r0, m1, 'y', ... (2 bytes))",
        b"Denied PUBLISH from a (d0, q1, r0, m1, 'x', ... (2 bytes))",
        b"1795700452: denied PUBLISH from a (d0, q1, r0, m1, 'x', ... (2 bytes))",
        b"\xff: Denied PUBLISH from a",
    ],
)
def test_a_line_about_something_else_is_none(line: bytes) -> None:
    """A topic may hold the very words; the line does not begin with them."""
    assert denied(line) is None


@given(st.binary(max_size=1_200), st.binary(max_size=1_200), st.integers(0, 3_000))
def test_no_words_hide_a_refusal_or_break_the_reader(client: bytes, topic: bytes, cut: int) -> None:
    line = LINE % (client, topic)
    assert MARK in line
    found = denied(line)
    assert found is not None
    assert max(len(found.client), len(found.topic)) <= LONGEST
    assert (found.client + found.topic).isprintable() or "\ufffd" in found.client + found.topic
    head = line[: max(cut, line.find(MARK) + len(MARK))]
    assert denied(head) is not None
    assert denied(client) is None or client[:1] in b"0123456789TZ:.+-"
