"""The publisher's own packets are MQTT's, byte by byte, and what was not acknowledged is owed."""

import asyncio
from unittest.mock import Mock

from tests.instruments.wire import Wire, connect, publish


def test_packets_have_the_form_of_the_standard() -> None:
    assert connect("a", "", "") == b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a"
    assert connect("a", "u", "p") == b"\x10\x13\x00\x04MQTT\x04\xc2\x00\x3c\x00\x01a\x00\x01u\x00\x01p"
    assert publish("t", 258, b"xy") == b"\x32\x07\x00\x01t\x01\x02xy"
    assert publish("t", 1, bytes(200))[:3] == b"\x32\xcd\x01"


def test_what_is_owed_goes_out_again_with_dup_and_is_taken_once() -> None:
    taken: list[int] = []
    wire = Wire("a", "", "", taken.extend)
    first, second = Mock(spec=asyncio.Transport), Mock(spec=asyncio.Transport)
    wire.connection_made(first)
    wire.send(7, "t", b"early")  # before the welcome
    first.write.assert_called_once_with(connect("a", "", ""))
    wire.data_received(b"\x20\x02\x00")
    wire.data_received(b"\x00")
    assert wire.open
    assert b"".join(first.writelines.call_args.args[0]) == b"\x3a" + publish("t", 1, b"early")[1:]
    wire.send(8, "t", b"late")
    wire.connection_lost(None)
    wire.connection_made(second)
    wire.data_received(b"\x20\x02\x00\x00" + b"\x40\x02\x00\x01" + b"\xd0\x00" + b"\x40\x02\x00\x01")
    assert taken == [7]
    assert [number for number, _ in wire.pending.values()] == [8]


def test_a_refusing_broker_is_counted_and_left() -> None:
    wire = Wire("a", "u", "p", lambda numbers: None)
    transport = Mock(spec=asyncio.Transport)
    wire.connection_made(transport)
    wire.data_received(b"\x20\x02\x00\x05")
    assert (wire.refused, wire.open) == (1, False)
    transport.abort.assert_called_once()
