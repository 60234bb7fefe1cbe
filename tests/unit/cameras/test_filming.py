"""One camera's film: the time before an event is in its clip, and what a changing stream does to it."""

from pathlib import Path
from typing import Any

import av
import pytest

from cameras.camera import Address, Camera
from cameras.clips import Clips
from cameras.filming import Film
from cameras.outbox import Outbox
from cameras.packets import Header, Piece
from cameras.privacy import Mask
from cameras.wire import Clipped, report_of
from tests.fakes.secret import pieces
from tests.unit.cameras.test_cutting import event, life

CAMERA = Camera(code="cam-a", centre="quang-nam", address=Address("rtsp://127.0.0.1/x"), scene="street")


class Filmed:
    """A film whose clips are written at once."""

    def __init__(self, folder: Path, clips: bool = True) -> None:
        self.folder = folder
        self.outbox = Outbox(lambda: 1000.0)
        self.clips = Clips(folder, self.outbox)
        self.film = Film(CAMERA, Mask(), self.clips if clips else None)

    def run(self, given: list[Piece], events: dict[float, Any], feed: Any = None) -> list[int]:
        """Packets pass; an event is seen right after the packet that shows it."""
        feed, numbers = feed or self.film, []
        for piece in given:
            feed.passed(piece)
            numbers += [self.film.shows(events.pop(at)) for at in list(events) if at <= piece.at]
        return numbers

    def made(self) -> list[Clipped]:
        """What became of the clips."""
        told: list[bool] = []
        self.clips.run(lambda: len(told) < 3 and not told.append(True))  # type: ignore[func-returns-value]
        found = []
        while message := self.outbox.take(0.0):
            report = report_of(message[4:])
            assert isinstance(report, Clipped)
            found.append(report)
        return found

    def times(self, clipped: Clipped) -> list[float]:
        """The times of a clip's pictures in seconds of its stream's arrival."""
        with av.open(str(self.folder / clipped.file)) as container:
            return [1000.0 - clipped.age_s + float(frame.time) for frame in container.decode(video=0)]


@pytest.fixture
def filmed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Filmed:
    monkeypatch.setattr("cameras.clips.WAKE_S", 0.01)
    return Filmed(tmp_path)


def test_a_clip_shows_the_time_before_and_after(filmed: Filmed) -> None:
    header, given = pieces(30.0, begin=100.0)
    filmed.film.opened(header)
    assert filmed.run(given, {115.0: event(115.0)}) == [1]
    (made,) = filmed.made()
    times = filmed.times(made)
    assert 108.0 <= times[0] <= 109.1
    assert 120.9 <= times[-1] <= 121.1


def test_what_goes_on_is_shown_until_after_its_end(filmed: Filmed) -> None:
    header, given = pieces(40.0, begin=100.0)
    filmed.film.opened(header)
    events = {110.0: life("start", 110.0), 115.0: life("update", 115.0), 120.0: life("update", 120.0),
              124.0: life("end", 124.0)}  # fmt: skip
    assert filmed.run(given, events) == [1, 1, 1, 1]
    (made,) = filmed.made()
    assert filmed.times(made)[-1] == pytest.approx(130.0, abs=0.1)


def test_a_stream_that_is_opened_anew_ends_the_clip_and_the_next_event_begins_another(filmed: Filmed) -> None:
    header, given = pieces(20.0, begin=100.0)
    filmed.film.opened(header)
    assert filmed.run([one for one in given if one.at < 110], {109.0: event(109.0)}) == [1]
    again, later = pieces(20.0, begin=112.0, width=320, height=240)
    filmed.film.opened(again)
    assert filmed.run(later, {113.0: event(113.0)}) == [2]
    first, second = filmed.made()
    assert filmed.times(first)[-1] < 110.1
    assert filmed.times(second)[0] == pytest.approx(112.0, abs=0.01)


def test_another_size_within_a_stream_ends_the_clip_without_a_mixed_file(filmed: Filmed) -> None:
    header, small = pieces(10.0, begin=100.0, width=320, height=240)
    _, large = pieces(10.0, begin=110.0)
    large = [one._replace(pts=one.pts + 900_000, dts=one.dts + 900_000) for one in large if one.pts is not None]  # type: ignore[operator]
    filmed.film.opened(header)
    assert filmed.run(small + large, {108.0: event(108.0), 112.0: event(112.0)}) == [1, 2]
    sizes = []
    for clipped in filmed.made():
        with av.open(str(filmed.folder / clipped.file)) as container:
            sizes.append({(frame.width, frame.height) for frame in container.decode(video=0)})
    assert sizes == [{(320, 240)}, {(640, 360)}]


def test_a_clip_is_cut_from_the_main_stream_while_it_is_there(filmed: Filmed) -> None:
    """And from the analysed one when it is not."""
    small_header, small = pieces(12.0, begin=100.0, width=320, height=240)
    large_header, large = pieces(6.0, begin=100.0)
    filmed.film.opened(small_header)
    filmed.film.main.opened(large_header)
    for piece in sorted(small + large, key=lambda one: one.at):
        (filmed.film.main if piece in large else filmed.film).passed(piece)
        if piece is large[60]:
            assert filmed.film.shows(event(piece.at)) == 1
            filmed.film.begun(filmed.film.main)
    assert filmed.film.shows(event(112.0)) == 2
    filmed.film.leave()
    widths = []
    for clipped in filmed.made():
        with av.open(str(filmed.folder / clipped.file)) as container:
            widths.append(container.streams.video[0].width)
    assert widths == [640, 320]


def test_a_clip_whose_stream_fell_silent_ends_by_time(filmed: Filmed) -> None:
    header, given = pieces(4.0, begin=100.0)
    filmed.film.opened(header)
    filmed.run(given, {103.0: event(103.0)})
    filmed.film.tick(105.0)
    assert filmed.made() == []
    filmed.film.tick(111.1)
    assert len(filmed.made()) == 1


def test_without_packets_there_is_no_clip(filmed: Filmed) -> None:
    assert filmed.film.shows(event(1.0)) == 0
    header, given = pieces(2.0, begin=100.0)
    filmed.film.opened(header)
    filmed.run(given, {})
    assert filmed.film.shows(event(150.0)) == 0


def test_where_no_clips_are_made_nothing_is_held_in_memory(tmp_path: Path) -> None:
    filmed = Filmed(tmp_path, clips=False)
    header, given = pieces(2.0)
    filmed.film.opened(header)
    filmed.run(given, {})
    assert (filmed.film.size, filmed.film.shows(event(102.0))) == (0, 0)
    assert isinstance(header, Header)


def test_who_left_begins_no_clip_that_nobody_would_end(filmed: Filmed) -> None:
    """Its post may be at a picture just then; a masked clip would keep its turn for ever."""
    header, given = pieces(3.0, begin=100.0)
    filmed.film.opened(header)
    filmed.run(given, {})
    filmed.film.leave()
    assert filmed.film.shows(event(103.0)) == 0
    assert filmed.clips._open == []
