"""Clips as files: what they show, what they hide, and that what failed leaves nothing behind."""

import errno
import hashlib
import os
from fractions import Fraction
from pathlib import Path

import av
import pytest

from cameras.clips import STILLS, Clips, Maker
from cameras.outbox import Outbox
from cameras.packets import Header, Piece
from cameras.privacy import Mask, Turns
from cameras.wire import Clipped, report_of
from tests.fakes.secret import MASK, TRACE, pictures_in, pieces, trace

NONE, MASKED = Mask(), Mask(MASK)


class Table:
    """A folder of drafts and what was said of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.outbox = Outbox(lambda: 500.0)
        self.clips = Clips(folder, self.outbox)

    def make(self, header: Header, given: list[Piece], mask: Mask) -> Clipped:
        """A clip of these packets, which came one by one."""
        clip = self.clips.begin("cam-a", 1, header, mask)
        done = False
        for piece in given:
            clip.add((piece,))
            done = done or self.clips.step(clip)
        clip.end()
        assert done or self.clips.step(clip)
        return self.said()

    def said(self) -> Clipped:
        message = self.outbox.take(0.0)
        assert message is not None
        report = report_of(message[4:])
        assert isinstance(report, Clipped)
        return report

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if not path.name.startswith("turn-"))


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path)


def test_a_clip_says_its_file_its_digest_and_its_age(table: Table) -> None:
    header, given = pieces(3.0)
    said = table.make(header, given, NONE)
    data = (table.folder / said.file).read_bytes()
    assert (said.made, said.bytes, said.reason) == ("remuxed", len(data), "")
    assert said.sha256 == hashlib.sha256(data).digest()
    assert said.seconds == pytest.approx(3.0, abs=0.01)
    assert said.age_s == 500.0 - given[0].at
    assert table.files() == [said.file]


def test_it_is_on_the_disk_before_it_is_told(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []
    real = os.fsync

    def watched(number: int) -> None:
        path = Path(f"/proc/self/fd/{number}").readlink()
        synced.append((path.name, path.stat().st_size))
        real(number)

    monkeypatch.setattr(os, "fsync", watched)
    header, given = pieces(1.0)
    said = table.make(header, given, NONE)
    assert synced == [(said.file, said.bytes)]


def test_of_a_masked_camera_no_picture_shows_the_secret(table: Table) -> None:
    header, given = pieces(3.0, b_frames=2)
    said = table.make(header, given, MASKED)
    shown = list(pictures_in((table.folder / said.file).read_bytes()))
    assert (said.made, len(shown)) == ("masked", len(given))
    assert max(trace(one) for one in shown) < TRACE


def test_nothing_unmasked_is_ever_on_the_disk(table: Table) -> None:
    """Not for a moment, under no name: at each step the folder is searched for the bytes of the stream."""
    header, given = pieces(2.0)
    clip = table.clips.begin("cam-a", 1, header, MASKED)
    for piece in given:
        clip.add((piece,))
        table.clips.step(clip)
        for path in table.folder.iterdir():
            assert not any(one.data[-40:] in path.read_bytes() for one in given if len(one.data) > 60)
    clip.end()
    table.clips.step(clip)
    assert table.said().made == "masked"


def test_beyond_the_turns_there_are_masked_stills_and_the_record_says_so(table: Table) -> None:
    header, given = pieces(14.0)
    taken = [Turns(table.folder).take(), Turns(table.folder).take()]
    said = table.make(header, given, MASKED)
    (sheet,) = pictures_in((table.folder / said.file).read_bytes())
    assert (said.made, said.file[-4:], sheet.shape) == ("stills", ".jpg", (3 * 360, 3 * 640, 3))
    assert STILLS == 9
    assert trace(sheet) < TRACE
    assert said.seconds == pytest.approx(13.0, abs=0.1)
    for turn in taken:
        assert turn is not None
        turn.give_back()
    assert table.make(header, given[:24], MASKED).made == "masked"


def test_a_turn_is_given_back_when_a_clip_is_made_or_fails(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    header, given = pieces(1.0)
    for _ in range(3):
        assert table.make(header, given, MASKED).made == "masked"
    monkeypatch.setattr(Mask, "cover", lambda *_: 1 / 0)
    for _ in range(3):
        said = table.make(header, given, MASKED)
        assert (said.made, said.file) == ("masked", "")


@pytest.mark.parametrize("made", ["masked", "stills"])
def test_what_cannot_be_masked_is_not_stored(table: Table, monkeypatch: pytest.MonkeyPatch, made: str) -> None:
    header, given = pieces(2.0)
    turns = [Turns(table.folder).take() for _ in range(2 if made == "stills" else 0)]
    monkeypatch.setattr(Mask, "covered", lambda *_: 1 / 0)
    said = table.make(header, given, MASKED)
    assert (said.made, said.file, said.sha256) == (made, "", b"")
    assert "ZeroDivisionError" in said.reason
    assert table.files() == []
    assert len(turns) == (2 if made == "stills" else 0)


def test_a_size_that_changes_midway_ends_a_masked_clip_there(table: Table) -> None:
    """Without a new header; what came before stands, what comes after is in the next clip."""
    header, small = pieces(2.0, width=320, height=240)
    _, large = pieces(2.0)
    said = table.make(header, small + large, MASKED)
    shown = list(pictures_in((table.folder / said.file).read_bytes()))
    assert {one.shape for one in shown} == {(240, 320, 3)}
    assert max(trace(one) for one in shown) < TRACE
    assert table.files() == [said.file]


@pytest.mark.parametrize("first", [1, 2, 3])
def test_a_size_that_changes_at_once_stops_no_other_clip(table: Table, first: int) -> None:
    """However little came before it; and its turn is given back."""
    header, small = pieces(1.0, width=320, height=240)
    _, large = pieces(1.0)
    for _ in range(3):
        said = table.make(header, small[:first] + large, MASKED)
        assert said.made == "masked"
        assert said.file or said.reason
        if said.file:
            assert len(list(pictures_in((table.folder / said.file).read_bytes()))) == first


def test_a_clip_that_ends_badly_at_another_size_is_told_and_gives_its_turn_back(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one thread that writes goes on with the next."""

    def full(_: Maker) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Maker, "close", full)
    header, small = pieces(1.0, width=320, height=240)
    _, large = pieces(1.0)
    for _ in range(3):
        said = table.make(header, small + large, MASKED)
        assert (said.made, said.file) == ("masked", "")
    assert table.files() == []


def test_a_disk_that_is_full_leaves_nothing_and_is_told(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    header, given = pieces(2.0)
    monkeypatch.setattr(Maker, "_write", full)
    said = table.make(header, given, NONE)
    assert (said.file, table.files()) == ("", [])
    assert "OSError" in said.reason


def test_a_clip_that_the_disk_cannot_take_fast_enough_ends_early(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cameras.clips.PENDING", 20_000)
    header, given = pieces(4.0)
    clip = table.clips.begin("cam-a", 1, header, NONE)
    for piece in given:
        clip.add((piece,))
    assert table.clips.step(clip)
    assert 0 < table.said().seconds < 3.9


def test_a_codec_that_browsers_do_not_play_is_encoded_anew(table: Table) -> None:
    encoder = av.CodecContext.create("mjpeg", "w")
    header, given = pieces(1.0)
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 320, 240, "yuvj420p", Fraction(*header.tick)
    packets = []
    for number in range(10):
        frame = av.VideoFrame(320, 240, "yuvj420p")
        frame.pts = number * 9000
        packets += encoder.encode(frame)
    mjpeg = Header(codec="mjpeg", extradata=b"", width=320, height=240, tick=header.tick)
    said = table.make(mjpeg, [Piece(bytes(one), one.pts, one.dts, True, 1.0) for one in packets], NONE)
    with av.open(str(table.folder / said.file)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
    assert said.made == "masked"
    assert given


def test_a_clip_without_a_picture_is_none(table: Table) -> None:
    header, _ = pieces(0.2)
    said = table.make(header, [], NONE)
    assert (said.file, said.reason) == ("", "the stream ended before its first key frame")
