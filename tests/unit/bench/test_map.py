"""What the map's benchmark counts: whole answers, whole changes, and the store's own statement."""

import datetime as dt
from typing import Any, cast

import pytest

from bench.map_full import whole
from bench.map_load import Connection
from bench.map_places import places
from bench.map_tiles import script
from bench.map_wall_clients import Wall
from ioc.store import tiles


class Line:
    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.sent.append(data)


def joined(connection: Connection) -> Line:
    line = Line()
    connection.transport = cast(Any, line)
    connection._ask()
    return line


LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


@pytest.mark.parametrize("answer", [LONG, CHUNKED])
@pytest.mark.parametrize("piece", [1, 7, 1_000])
def test_an_answer_counts_when_it_is_whole_however_it_comes(answer: bytes, piece: int) -> None:
    connection = Connection([b"one", b"two"], 1)
    line = joined(connection)
    for start in range(0, len(answer), piece):
        assert not connection.seconds
        connection.data_received(answer[start : start + piece])
    assert len(connection.seconds) == 1
    assert connection.bytes in (5, 15)
    assert line.sent == [b"two", b"one"]
    assert connection.other == b""


def test_an_answer_that_is_not_200_is_seen() -> None:
    connection = Connection([b"one"], 0)
    joined(connection)
    connection.data_received(b"HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n")
    assert connection.other.startswith(b"http/1.1 503")


@pytest.mark.parametrize("piece", [1, 10, 5_000])
def test_a_wall_counts_each_change_once_however_it_comes(piece: int) -> None:
    opened: list[int] = []
    wall = Wall(b"", lambda: opened.append(1))
    text = b"event: ready\ndata: {}\n\n" + b"".join(b'data: {"sent_ns":%d}\n\n' % number for number in range(40))
    for start in range(0, len(text), piece):
        wall.data_received(text[start : start + piece])
    assert len(wall.delays) == 40
    assert opened == [1]


def test_the_script_asks_every_tile_the_stores_own_statement() -> None:
    found = places()
    assert (len(found), {z for z, _, _ in found}) == (400, {11, 12, 13, 14, 15})
    text = script(found, dt.date(2026, 11, 26))
    assert "when :k = 399 then" in text
    assert text.count("ST_AsMVT(") > 2
    assert str(tiles.FULL) in text
    assert "clusters" in text


def test_full_tiles_have_neither_clusters_nor_a_limit_that_is_reached() -> None:
    text = script(places(), dt.date(2026, 11, 26), whole)
    assert "clusters" not in text
    assert str(tiles.FULL) not in text.split("ST_AsMVT", 1)[0]
    assert "1000000" in text
