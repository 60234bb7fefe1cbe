"""What the devices of the benchmark send: what a real device would, in about 150 bytes."""

import datetime as dt
import socket
import struct
from pathlib import Path

import msgspec
import pytest

from bench import ingest_devices, ingest_site
from bench.ingest_bare import split
from bench.ingest_board import Board
from bench.ingest_devices import Devices, Fleet, Order
from bench.ingest_ours import Rows
from gis.observation import Quality
from gis.position import Position
from ioc import catalogue
from ioc.store import journal
from sensors.codecs import ioc as codec
from sensors.profile import Device


class Answering:
    """A broker of the test's own: keeps what each connection sent and answers for it beforehand."""

    def __init__(self) -> None:
        self.ends: list[socket.socket] = []

    def dial(self, *_: object) -> socket.socket:
        """A connection that finds the answers to its next messages already there."""
        near, far = socket.socketpair()
        far.sendall(struct.pack(">BBH", 0x40, 2, 1) * 3)
        self.ends.append(far)
        return near

    def received(self) -> list[bytes]:
        """What came, by connection, which ends."""
        whole = [end.recv(65_536) for end in self.ends]
        for end in self.ends:
            end.close()
        return whole


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Answering:
    """Stands where the network would."""
    answering = Answering()
    monkeypatch.setattr(ingest_devices, "dial", answering.dial)
    return answering


@pytest.fixture
def sent(broker: Answering, tmp_path: Path) -> list[bytes]:
    """What two devices sent that were told to send six messages, the first of them in alarm."""
    pairs = [("air-0", "k"), ("air-1", "k")]
    fleet = Fleet(host="", port=0, centre="quang-nam", devices=pairs, alarms=1)
    devices = Devices(fleet, Board.make(tmp_path / "board"))
    report = devices.obey(Order(run="ours-0", seconds=10.0, most=6))
    assert report.sent == 6
    devices.close()
    return broker.received()


def payload_of(packet: bytes) -> bytes:
    """The payload of the first message in a buffer."""
    size, place = packet[1] & 0x7F | packet[2] << 7, 3
    topic = struct.unpack_from(">H", packet, place)[0]
    return packet[place + 2 + topic + 2 : place + size]


def test_each_device_sends_its_turn(sent: list[bytes]) -> None:
    """Six messages of two devices are three each, with packet ids that rise."""
    for line in sent:
        ids, left = split(line)
        assert ids == [struct.pack(">H", number) for number in (1, 2, 3)]
        assert left == b""


def test_a_buffer_that_ends_within_a_packet_keeps_the_rest(sent: list[bytes]) -> None:
    """Wherever the network cuts, each message is seen once."""
    for cut in range(len(sent[0])):
        first, left = split(sent[0][:cut])
        second, nothing = split(left + sent[0][cut:])
        assert len(first) + len(second) == 3
        assert nothing == b""


def test_the_codec_takes_what_they_send(sent: list[bytes]) -> None:
    """About 150 bytes of the default codec; the first device stands above an alarm level, the second does not."""
    profile = catalogue.profiles()["air-station"]
    device = Device(
        code="air-0", centre="quang-nam", area="", name="", position=Position(lon=108.0, lat=15.5), profile=profile
    )
    numbers = []
    for line in sent:
        payload = payload_of(line)
        assert 140 <= len(payload) <= 160
        decoded = codec.decode(payload, device, dt.datetime.now(dt.UTC))
        assert decoded.trouble is None
        (value,) = decoded.readings[0].values
        assert value.quality is Quality.GOOD
        numbers.append(value.number)
    limit = min(ingest_site.LIMITS.values())
    assert numbers[0] >= limit > numbers[1]


def test_they_wait_for_the_consumer(broker: Answering, tmp_path: Path) -> None:
    """Never more than the backlog is ahead of what the consumer has done."""
    fleet = Fleet(host="", port=0, centre="quang-nam", devices=[("air-0", "k"), ("air-1", "k")], alarms=0)
    devices = Devices(fleet, Board.make(tmp_path / "board"))
    report = devices.obey(Order(run="ours-0", seconds=0.05, most=6, backlog=2))
    devices.close()
    assert report.sent == 2
    assert [len(split(line)[0]) for line in broker.received()] == [1, 1]


def test_rows_of_the_journal_are_counted_without_being_read(sent: list[bytes]) -> None:
    """The watch counts as many observations as the journal's own type holds."""
    profile = catalogue.profiles()["air-station"]
    device = Device(
        code="air-0", centre="quang-nam", area="", name="", position=Position(lon=108.0, lat=15.5), profile=profile
    )
    decoded = codec.decode(payload_of(sent[0]), device, dt.datetime.now(dt.UTC))
    row = msgspec.msgpack.encode(journal.Page([*decoded.readings, *decoded.readings]))
    assert len(msgspec.msgpack.decode(row, type=Rows).observations) == 2
