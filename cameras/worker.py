"""The child process of a group of cameras, a thread each: `python -m cameras.worker`, started by the warden.

Orders come on standard input (never as process arguments), reports leave on standard output. It ends at once
when either closes, and with its parent.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from typing import BinaryIO, NoReturn

from cameras.motion import use_one_thread
from cameras.outbox import Outbox
from cameras.post import Post
from cameras.wire import Pulse, read_orders

PULSE_S = 1.0
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Ask Linux to end this process when its parent ends."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output as pipes of our own; whatever else prints goes to standard error."""
    reports = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return os.fdopen(os.dup(0), "rb"), reports


def send(outbox: Outbox, pipe: BinaryIO) -> NoReturn:
    """Write what the outbox holds until the pipe breaks."""
    while True:
        message = outbox.take(timeout_s=60.0)
        try:
            while message:
                message = message[pipe.write(message) :]
        except OSError:
            os._exit(0)


def beat(posts: list[Post], outbox: Outbox) -> NoReturn:
    """Say each second that the worker lives, and let time pass for its cameras."""
    while True:
        for post in posts:
            post.tick()
        tallies = {post.camera: post.tally for post in posts}
        outbox.put(Pulse(dropped=outbox.dropped, tallies=tallies), time.monotonic())
        time.sleep(PULSE_S)


def start(target: object, name: str, *arguments: object) -> None:
    """Start a thread that never keeps the process alive."""
    threading.Thread(target=target, name=name, args=arguments, daemon=True).start()  # type: ignore[arg-type]


def main() -> NoReturn:
    """Watch what the orders say until standard input closes."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    use_one_thread()
    orders_pipe, reports_pipe = take_pipes()
    orders = read_orders(orders_pipe)
    if orders is None:
        sys.exit("no orders came over standard input; this program is started by the warden")
    outbox = Outbox(time.monotonic)
    posts = [Post(camera, outbox) for camera in orders.cameras]
    start(send, "reports", outbox, reports_pipe)
    for post, camera in zip(posts, orders.cameras, strict=True):
        start(post.watch, camera.code)
    start(beat, "pulse", posts, outbox)
    orders_pipe.read()
    os._exit(0)


if __name__ == "__main__":
    main()
