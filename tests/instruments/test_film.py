"""The films that cameras of the tests send."""

import numpy as np
import pytest

from tests.fakes.video import passing
from tests.instruments.film import OPTIONS, number_of, shoot

PICTURES = passing(1.0, 10.0, width=320, height=240)


@pytest.mark.parametrize("codec", OPTIONS)
def test_a_film_has_a_packet_of_rtp_for_every_picture(codec: str) -> None:
    film = shoot(PICTURES, codec=codec)
    assert film.seconds == 1.0
    assert {round(at, 1) for at, _ in film.packets} == {n / 10 for n in range(10)}
    assert all(packet[0] == 0x80 and len(packet) <= 1400 for _, packet in film.packets)


def test_damage_is_of_the_share_that_was_asked_for_and_spares_the_headers() -> None:
    film = shoot(PICTURES)
    damaged = film.damaged(0.01, 1)
    bits = flipped = 0
    for (_, whole), (_, hurt) in zip(film.packets, damaged.packets, strict=True):
        assert whole[:12] == hurt[:12]
        bits += 8 * (len(whole) - 12)
        flipped += int(np.unpackbits(np.frombuffer(whole, np.uint8) ^ np.frombuffer(hurt, np.uint8)).sum())
    assert 0.008 < flipped / bits < 0.012


def test_two_films_are_one_after_the_other() -> None:
    film = shoot(PICTURES)
    both = film.then(film)
    assert both.seconds == 2.0
    assert len(both.packets) == 2 * len(film.packets)
    assert both.packets[-1][0] == pytest.approx(1.9)


def test_the_number_of_a_request_is_found() -> None:
    assert number_of("OPTIONS * RTSP/1.0\r\nCSeq: 12\r\n\r\n") == "12"
    assert number_of("OPTIONS * RTSP/1.0\r\n\r\n") == "0"
