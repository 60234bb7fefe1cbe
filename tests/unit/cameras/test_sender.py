"""What comes in a queue leaves as fragments over a real socket; a receiver that hangs up is the end."""

import threading
import time

import msgspec

from cameras.boxes import TIMESCALE
from cameras.live_wire import Hello, Part, Unable
from cameras.masking import Masking
from cameras.packets import Header, Piece
from cameras.running import Queue
from cameras.sender import Sender
from tests.fakes.encoded import encoded
from tests.fakes.receiver import Receiver
from tests.fakes.secret import MASK, pieces


def filled(header: Header, given: list[Piece]) -> Queue:
    """A queue that holds a stream."""
    queue = Queue()
    queue.opened(header)
    for piece in given:
        queue.passed(piece)
    return queue


def sending(sender: Sender, queue: Queue, masking: Masking | None = None) -> threading.Thread:
    """A thread that forwards."""
    thread = threading.Thread(target=sender.forward, args=(queue, masking), daemon=True)
    thread.start()
    return thread


def test_pictures_leave_as_fragments_with_their_age() -> None:
    header, given = encoded(seconds=1.0)
    with Receiver() as receiver:
        sender = Sender(receiver.order("cam-a", 7), lambda: 200.0)
        assert sender.connect(masked=False)
        thread = sending(sender, filled(header, given))
        hello, *parts = receiver.messages(len(given) + 2)
        assert hello == Hello(camera="cam-a", serial=7, masked=False)
        assert [part.init for part in parts if isinstance(part, Part)] == [True] + [False] * len(given)
        first = parts[1]
        assert isinstance(first, Part)
        assert (first.key, first.age_s) == (True, 100.0)
        receiver.hang_up()
        thread.join(5)
        assert not thread.is_alive()
        sender.close()
        assert sender.ended


def test_pictures_begin_at_the_time_that_is_ordered() -> None:
    header, given = encoded(seconds=1.0)
    with Receiver() as receiver:
        order = msgspec.structs.replace(receiver.order("cam-a"), begins=900_000)
        sender = Sender(order, lambda: given[0].at - 2.0)
        assert sender.connect(masked=False)
        sending(sender, filled(header, given))
        first = receiver.messages(3)[2]
        assert isinstance(first, Part)
        assert first.media == 900_000 + 2 * TIMESCALE
        sender.close()


def test_what_no_browser_plays_is_told() -> None:
    header = Header(codec="mjpeg", extradata=b"", width=64, height=48, tick=(1, 90_000))
    with Receiver() as receiver:
        sender = Sender(receiver.order("cam-a"), time.monotonic)
        assert sender.connect(masked=False)
        sending(sender, filled(header, [])).join(5)
        assert receiver.messages(2)[1] == Unable(why="codec")
        sender.close()


def test_masked_pictures_leave_masked_alone() -> None:
    header, given = pieces(1.0)
    with Receiver() as receiver:
        sender = Sender(receiver.order("cam-a"), time.monotonic)
        assert sender.connect(masked=True)
        sending(sender, filled(header, given), Masking(MASK))
        hello, *parts = receiver.messages(len(given) + 2)
        assert hello == Hello(camera="cam-a", serial=1, masked=True)
        sent = b"".join(part.data for part in parts if isinstance(part, Part))
        assert len(sent) > 1000
        assert not any(piece.data[20:60] in sent for piece in given if len(piece.data) > 100)
        sender.close()


def test_nobody_there_is_no_error() -> None:
    with Receiver() as receiver:
        order = receiver.order("cam-a")
    (receiver.folder / "feed").unlink()
    sender = Sender(order, time.monotonic)
    assert not sender.connect(masked=False)
    sender.close()
