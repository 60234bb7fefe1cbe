"""Who comes begins at the running group of pictures; who is slow loses pictures, and nobody else does."""

from cameras import running
from cameras.packets import Header, Piece
from cameras.running import Queue, Running

HEADER = Header(codec="h264", extradata=b"", width=64, height=48, tick=(1, 90_000))


def piece(number: int, *, key: bool = False, size: int = 10) -> Piece:
    """A packet."""
    return Piece(bytes(size), number, number, key, float(number))


def numbers(queue: Queue) -> list[int | None]:
    """All that waits: the packets' numbers, None for a header."""
    found: list[int | None] = []
    while (one := queue.take(0.0)) is not None:
        found.append(one.pts if isinstance(one, Piece) else None)
    return found


def test_who_joins_gets_the_running_group_at_once_and_then_all() -> None:
    stream, queue = Running(), Queue()
    stream.opened(HEADER)
    for number in range(7):
        stream.passed(piece(number, key=number in (0, 4)))
    stream.join(queue)
    stream.passed(piece(7))
    assert numbers(queue) == [None, 4, 5, 6, 7]
    stream.leave(queue)
    stream.passed(piece(8))
    assert numbers(queue) == []


def test_before_a_key_frame_there_is_nothing_to_begin_with() -> None:
    stream, queue = Running(), Queue()
    stream.join(queue)
    stream.opened(HEADER)
    stream.passed(piece(1))
    other = Queue()
    stream.join(other)
    assert numbers(queue) == [None, 1]
    assert numbers(other) == [None]


def test_a_group_over_the_bound_is_not_kept() -> None:
    stream, queue = Running(), Queue()
    stream.opened(HEADER)
    stream.passed(piece(0, key=True, size=running.GROUP_BYTES - 5))
    stream.passed(piece(1))
    stream.passed(piece(2))
    stream.join(queue)
    assert numbers(queue) == [None]
    stream.passed(piece(3, key=True))
    late = Queue()
    stream.join(late)
    assert numbers(late) == [None, 3]


def test_a_stream_is_fresh_while_packets_come() -> None:
    stream = Running()
    assert not stream.fresh(-1.0)
    stream.passed(piece(5, key=True))
    assert stream.fresh(4.0)
    assert not stream.fresh(5.0)


def test_a_slow_writer_loses_what_does_not_fit_up_to_the_next_key_frame() -> None:
    queue = Queue(most=35)
    for number in range(6):
        queue.passed(piece(number, key=number == 0))
    assert numbers(queue) == [0, 1, 2]
    queue.passed(piece(6))
    queue.passed(piece(7, key=True))
    queue.passed(piece(8))
    assert numbers(queue) == [7, 8]
    assert queue.skipped == 4


def test_one_packet_over_the_bound_is_taken_when_nothing_waits() -> None:
    queue = Queue(most=5)
    queue.passed(piece(0, key=True))
    assert numbers(queue) == [0]


def test_a_new_stream_drops_what_waits_of_the_old_one() -> None:
    queue = Queue()
    queue.passed(piece(0, key=True))
    queue.opened(HEADER)
    assert numbers(queue) == [None]
    assert queue.take(0.0) is None
