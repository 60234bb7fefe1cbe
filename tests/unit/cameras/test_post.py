"""Facts about one camera's watch post; its life with real streams is in the integration tests."""

import threading
import time
from pathlib import Path

import msgspec

from cameras.best import Shot
from cameras.camera import Address, Camera
from cameras.event import Counts, Event
from cameras.health import State
from cameras.outbox import Outbox
from cameras.packets import Header, Piece
from cameras.post import Post, told
from cameras.stream import recorded
from cameras.track import Track
from cameras.wire import Became, Command, Go, Held, Orders, Report, Saw, Shown, Step, report_of
from cameras.worker import Posts
from gis.observation import Phase
from tests.fakes.video import passing, write_clip

GATE = Camera(
    code="cam-gate", centre="quang-nam", address=Address("rtsp://viewer-1:hidden-1@127.0.0.1:9/x"), scene="street"
)


def next_report(outbox: Outbox) -> Report:
    """What the outbox gives next."""
    message = outbox.take(10.0)
    assert message is not None
    return report_of(message[4:])


def test_a_camera_that_is_not_there_is_reported_and_tried_again() -> None:
    """The first try says why; the post goes on."""
    outbox = Outbox(time.monotonic)
    post = Post(GATE, outbox)
    thread = threading.Thread(target=post.watch, daemon=True)
    thread.start()
    asked = next_report(outbox)
    assert asked == Step(camera="cam-gate", step="asks", age_s=asked.age_s)
    assert outbox.take(0.2) is None
    post.hear(Go(camera="cam-gate"))
    report = next_report(outbox)
    assert isinstance(report, Became)
    assert report.state is State.REFUSED
    assert "hidden" not in report.reason
    assert [next_report(outbox), next_report(outbox)] != []
    assert post.figures.opens == 1
    post.leave()
    thread.join(10)
    assert not thread.is_alive()


class Rider:
    """A companion that keeps what it hears."""

    def __init__(self, *_: object) -> None:
        self.heard: list[object] = []

    def opened(self, header: Header) -> None:
        self.heard.append(header)

    def passed(self, piece: Piece) -> None:
        self.heard.append(piece)

    def hear(self, command: Command) -> None:
        self.heard.append(command)

    def leave(self) -> None:
        self.heard.append("left")


def test_a_companion_hears_what_is_not_for_the_post_itself() -> None:
    """And that the camera is watched no more."""
    riders: list[Rider] = []

    def make(*given: object) -> Rider:
        riders.append(Rider(*given))
        return riders[-1]

    post = Post(GATE, Outbox(time.monotonic), companions=(make,))
    post.hear(Go(camera="cam-gate"))
    post.hear(Orders(cameras=()))
    post.leave()
    assert riders[0].heard == [Orders(cameras=()), "left"]


def test_what_is_held_is_unauthorised() -> None:
    """Another camera of the account was refused."""
    outbox = Outbox(time.monotonic)
    Post(GATE, outbox).hear(Held(camera="cam-gate"))
    report = next_report(outbox)
    assert isinstance(report, Became)
    assert report.state is State.UNAUTHORISED


def test_an_error_is_told_without_secrets() -> None:
    """Whatever a library wrote into it."""
    try:
        raise OSError("cannot open rtsp://viewer-1:hidden-1@127.0.0.1:9/x?token=hidden-2")
    except OSError as error:
        text = told(error, msgspec.structs.replace(GATE, main=Address("rtsp://h/x?token=hidden-2")))
    assert "hidden" not in text
    assert "test_post.py" in text


def lasting(phase: Phase, number: int = 4) -> Event:
    """Something that goes on."""
    box = (0.1, 0.1, 0.2, 0.2)
    return Event(
        kind="crowd", subject="q", direction="", track=0, box=box, at=5.0, since=3.0, phase=phase, number=number
    )


def moment(at: float) -> Event:
    """Somebody crossed a line."""
    return Event(kind="line_crossed", subject="q", direction="in", track=1, box=(0.1, 0.1, 0.2, 0.2), at=at)


def test_who_leaves_says_that_what_goes_on_is_over_and_then_nothing() -> None:
    """The camera is registered anew or watched no more; its thread may still be at a picture."""
    outbox, counts = Outbox(lambda: 20.0), Counts()
    post = Post(GATE, outbox, lambda: 20.0, counts=counts)
    shot = Shot(b"jpeg", (0.1, 0.1, 0.2, 0.2))
    for event in (lasting("start", 3), lasting("start"), lasting("end", 3)):
        post._say(event, shot)
    post.leave()
    post._say(lasting("update"), shot)
    post._show(b"jpeg", 20.0)
    reports = [next_report(outbox) for _ in range(4)]
    assert outbox.take(0.0) is None
    end = reports[-1]
    assert isinstance(end, Saw)
    assert (end.phase, end.number, end.sequence, end.jpeg, end.lasted_s) == ("end", 4, 4, None, 17.0)


def test_a_camera_that_is_registered_anew_is_counted_on() -> None:
    """Else two things, or two clips, of one run of the worker would have one name."""
    posts = Posts(Outbox(lambda: 0.0))
    numbers = []
    for height in (4.0, 5.0):
        posts.watch([msgspec.structs.replace(GATE, height_m=height)])
        post = posts._posts["cam-gate"]
        counts = post._counts
        numbers.append((next(counts.reports), next(counts.lives), next(counts.clips)))
        assert post._film._cutting._numbers is counts.clips
    posts.watch([])
    assert numbers == [(1, 1, 1), (2, 2, 2)]


class Crossing:
    """Stands in for the analysis of two cameras, and notes when one begins while the other is at it."""

    def __init__(self) -> None:
        self.inside, self.together, self.done = 0, False, 0
        self.tracks: list[Track] = []

    def see(self, *_: object) -> list[Event]:
        """Look for so long that another would come in between, if it could."""
        self.inside += 1
        until = time.monotonic() + 0.3
        while time.monotonic() < until and not self.together:
            self.together = self.inside > 1
            threading.Event().wait(0.01)
        self.inside -= 1
        self.done += 1
        return []


def test_the_cameras_of_a_worker_are_analysed_one_at_a_time(tmp_path: Path) -> None:
    """They would only hand the interpreter to and fro; the picture of each is looked at all the same."""
    frame = next(recorded(write_clip(tmp_path / "a.mp4", passing(0.5, 12.5))))
    posts, crossing = Posts(Outbox(time.monotonic)), Crossing()
    posts.watch([msgspec.structs.replace(GATE, code=code) for code in ("cam-a", "cam-b")])
    looks = []
    for post in posts._posts.values():
        post._analyst = crossing  # type: ignore[assignment]
        looks.append(threading.Thread(target=post._look, args=(frame,), daemon=True))
    for look in looks:
        look.start()
    for look in looks:
        look.join(10)
    posts.watch([])
    assert (crossing.done, crossing.together) == (2, False)


def test_a_picture_made_for_a_sighting_is_the_newest_too(tmp_path: Path) -> None:
    """From half the interval on: no second one is made a moment later."""
    film = write_clip(tmp_path / "a.mp4", passing(0.5, 12.5))
    outbox = Outbox(lambda: 0.0)
    post = Post(GATE, outbox, lambda: 0.0)
    sights = Crossing()
    post._analyst = sights  # type: ignore[assignment]

    def shown(at: float, *, sighting: bool) -> bool:
        frame = next(recorded(film))
        frame.at = at
        sights.see = lambda *_: [moment(at)] if sighting else []  # type: ignore[method-assign]
        post._look(frame)
        reports = []
        while message := outbox.take(0.0):
            reports.append(report_of(message[4:]))
        return any(isinstance(report, Shown) for report in reports)

    assert shown(0.0, sighting=False)
    assert not shown(1.0, sighting=True)
    assert shown(1.5, sighting=True)
    assert not shown(3.8, sighting=False)
    assert shown(4.0, sighting=False)


def test_time_alone_makes_a_camera_silent() -> None:
    """Even while its own thread waits for the network."""
    seconds = [0.0]
    outbox = Outbox(lambda: seconds[0])
    gate = Camera(code="cam-gate", centre="quang-nam", address=Address("rtsp://127.0.0.1:9/x"), scene="street")
    post = Post(gate, outbox, lambda: seconds[0])
    post.tick()
    assert outbox.take(0.0) is None
    seconds[0] = 12.0
    post.tick()
    message = outbox.take(0.0)
    assert message is not None
    assert report_of(message[4:]) == Became(camera="cam-gate", state=State.SILENT, reason="no picture for 12 s")
