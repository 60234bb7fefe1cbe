"""A stream encoded anew behind its mask: nothing of the secret, the times of the stream, no end of it."""

import av
import pytest

from cameras.packets import Header, Piece
from cameras.privacy import Mask
from cameras.reencode import Reencoder, SizeChangedError
from tests.fakes.secret import MASK, TRACE, decoded, pieces, trace


def through(header: Header, given: list[Piece], **options: bool) -> tuple[Header, list[Piece]]:
    """A whole stream through a Reencoder."""
    anew = Reencoder(header, Mask(MASK), **options)
    made = [one for piece in given for one in anew.take(piece)] + anew.finish(given[-1].at)
    assert anew.header is not None
    return anew.header, made


@pytest.mark.parametrize(("codec", "b_frames"), [("libx264", 0), ("libx264", 2), ("libx265", 2)])
def test_no_picture_shows_the_secret_and_none_is_missing(codec: str, b_frames: int) -> None:
    header, given = pieces(2.0, codec=codec, b_frames=b_frames)
    assert max(trace(one) for one in decoded(header, given)) > 4 * TRACE
    about, made = through(header, given)
    shown = list(decoded(about, made))
    assert len(shown) == len(given)
    assert max(trace(one) for one in shown) < TRACE
    assert (about.codec, about.width, about.height, about.tick) == ("h264", 640, 360, header.tick)
    assert [one.pts for one in made] == sorted(one.pts for one in given if one.pts is not None)
    assert made[0].key


def test_live_gives_each_picture_at_once_and_a_key_frame_a_second() -> None:
    header, given = pieces(3.0, key_s=3.0)
    anew = Reencoder(header, Mask(MASK), live=True)
    made = [anew.take(piece) for piece in given]
    assert [len(one) for one in made] == [1] * len(given)
    assert sum(piece.key for one in made for piece in one) == 3


def test_it_begins_at_a_key_frame_and_goes_on_after_a_damaged_piece() -> None:
    header, given = pieces(2.0)
    damaged = [piece._replace(data=piece.data[:4] + b"\xff" * 40) if number == 15 else piece
               for number, piece in enumerate(given)]  # fmt: skip
    about, made = through(header, damaged[3:])
    shown = list(decoded(about, made))
    assert made[0].pts == given[12].pts
    assert 8 <= len(shown) <= 12
    assert max(trace(one) for one in shown) < TRACE


def test_another_size_midway_is_told_and_nothing_of_it_is_made() -> None:
    """Also when it comes without a new header."""
    header, small = pieces(1.0, width=320, height=240)
    _, large = pieces(1.0)
    anew = Reencoder(header, Mask(MASK))
    made = [one for piece in small for one in anew.take(piece)]
    with pytest.raises(SizeChangedError, match="320x240 became 640x360"):
        made += [one for piece in large for one in anew.take(piece)]
    assert anew.header is not None
    assert {one.shape[:2] for one in decoded(anew.header, made)} == {(240, 320)}


def test_a_mask_that_fails_makes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be covered is not encoded."""
    header, given = pieces(1.0)
    mask = Mask(MASK)
    monkeypatch.setattr(mask, "covered", lambda height, width: 1 / 0)
    anew = Reencoder(header, mask)
    with pytest.raises(ZeroDivisionError):
        anew.take(given[0])
    assert anew.header is None


def test_pieces_without_times_are_dated_by_their_arrival() -> None:
    header, given = pieces(1.0)
    _, made = through(header, [piece._replace(pts=None, dts=None) for piece in given])
    assert [one.pts for one in made] == [round(piece.at * 90_000) for piece in given]


def test_pieces_whose_times_stand_still_all_come_out() -> None:
    header, given = pieces(1.0)
    about, made = through(header, [piece._replace(pts=0, dts=0) for piece in given])
    assert len(list(decoded(about, made))) == len(given)
    assert made[-1].pts == pytest.approx(90_000 * 11 / 12, abs=12)


def test_an_unknown_codec_is_refused() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        Reencoder(Header(codec="nonsense", extradata=b"", width=1, height=1, tick=(1, 90_000)), Mask())
    assert av.codecs_available
