"""Live views of one camera in a worker: what is shared, what is pulled, and when it ends."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cameras.camera import Address, Camera
from cameras.live_wire import Hello, Part, Unable
from cameras.outbox import Outbox
from cameras.packets import Header, Piece
from cameras.privacy import Turns
from cameras.showing import Showing
from tests.fakes.encoded import encoded
from tests.fakes.receiver import Receiver
from tests.fakes.secret import MASK, pieces
from tests.fakes.video import passing, write_clip

NOWHERE = Address("rtsp://127.0.0.1:9/none")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


def showing(**more: object) -> Showing:
    camera = Camera(code="cam-a", centre="quang-nam", address=NOWHERE, scene="street", **more)  # type: ignore[arg-type]
    return Showing(camera, Outbox(time.monotonic))


def fed(view: Showing, header: Header, given: list[Piece]) -> None:
    """The analysed stream passes by."""
    view.opened(header)
    for piece in given:
        view.passed(piece)


def until(holds: Callable[[], bool], within_s: float = 5.0) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.01)


def test_a_camera_with_one_stream_shares_it_from_the_running_group_on(receiver: Receiver) -> None:
    header, given = encoded(seconds=2.0)
    view = showing()
    fed(view, header, given[:20])
    view.hear(receiver.order("cam-a"))
    parts = [part for part in receiver.messages(10) if isinstance(part, Part)]
    assert [part.init for part in parts] == [True] + [False] * 8
    assert parts[1].key
    assert parts[1].data.endswith(given[12].data[-40:])
    view.leave()
    assert receiver.messages(1) == []
    assert receiver.ended.is_set()


def test_who_left_takes_no_more_orders(receiver: Receiver) -> None:
    view = showing()
    view.leave()
    view.hear(receiver.order("cam-a"))
    view.hear("another order")
    with pytest.raises(TimeoutError):
        receiver._listening.settimeout(0.3)
        receiver.messages(1)


def test_a_main_stream_is_pulled_and_one_that_is_away_is_stood_in_for(tmp_path: Path, receiver: Receiver) -> None:
    """A file stands for the main stream: when it is over, the packets of the analysed stream go on."""
    clip = write_clip(tmp_path / "main.mp4", passing(1.0, 12.5, width=640, height=360))
    header, given = encoded(seconds=1.0)
    view = showing(main=Address(f"file://{clip}"))
    fed(view, header, given)
    view.hear(receiver.order("cam-a"))
    heard = [part for part in receiver.messages(17) if isinstance(part, Part)]
    assert [number for number, part in enumerate(heard) if part.init] == [0, 13]
    view.leave()


def test_a_main_stream_that_is_read_anyway_is_shared_while_it_comes(receiver: Receiver) -> None:
    """Nothing is pulled; when it stops, the analysed stream goes on."""
    header, given = encoded(seconds=1.0)
    view = showing(main=Address("rtsp://127.0.0.1:9/main"))
    view.shares_main = True
    fed(view, header, given)
    view.main.opened(header)
    for piece in given:
        view.main.passed(piece._replace(data=piece.data + b"\x80main", at=time.monotonic()))
    view.hear(receiver.order("cam-a"))
    parts = [part for part in receiver.messages(27) if isinstance(part, Part)]
    assert [number for number, part in enumerate(parts) if part.init] == [0, 13]
    assert [part.data.endswith(b"\x80main") for part in parts] == [False] + [True] * 12 + [False] * 13
    view.leave()


def test_a_camera_with_a_mask_is_shown_masked(receiver: Receiver) -> None:
    header, given = pieces(1.0)
    view = showing(masks=MASK)
    fed(view, header, given)
    view.hear(receiver.order("cam-a"))
    hello, *parts = receiver.messages(2 + len(given))
    assert hello == Hello(camera="cam-a", serial=1, masked=True)
    assert sum(isinstance(part, Part) for part in parts) == len(given) + 1
    view.leave()


def test_without_a_turn_a_camera_with_a_mask_is_not_shown(receiver: Receiver) -> None:
    """Two turns are taken by others, such as clips; nothing but that is told."""
    turns = Turns(receiver.folder)
    held = [turns.take(), turns.take()]
    header, given = pieces(1.0)
    view = showing(masks=MASK)
    fed(view, header, given)
    view.hear(receiver.order("cam-a"))
    assert receiver.messages(5) == [Hello(camera="cam-a", serial=1, masked=True), Unable(why="masked")]
    for turn in held:
        assert turn is not None
        turn.give_back()


def test_the_turn_is_given_back_at_the_end(receiver: Receiver) -> None:
    header, given = pieces(1.0)
    view = showing(masks=MASK)
    fed(view, header, given)
    view.hear(receiver.order("cam-a"))
    assert len(receiver.messages(3)) == 3
    turns = Turns(receiver.folder)
    held = turns.take()
    assert held is not None
    assert turns.take() is None
    receiver.hang_up()
    until(lambda: turns.take() is not None)
    held.give_back()
