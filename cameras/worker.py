"""The child process of a group of cameras, a thread each: `python -m cameras.worker`, started by the warden.

Commands come on standard input (never as process arguments), reports leave on standard output. It ends at once
when either closes, and with its parent.
"""

import ctypes
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NoReturn

from cameras.camera import Camera
from cameras.clips import Clips
from cameras.event import Counts
from cameras.motion import use_one_thread
from cameras.outbox import Outbox
from cameras.post import Post
from cameras.privacy import Turns
from cameras.wire import Command, Orders, Pulse, read_command

PULSE_S = 1.0
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Ask Linux to end this process when its parent ends."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def dump_nothing() -> None:
    """Leave no picture of our memory, with its passwords, when we crash: 1 stops core files and pipes (core(5))."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    least = 1 if hard == resource.RLIM_INFINITY else min(1, hard)
    resource.setrlimit(resource.RLIMIT_CORE, (least, least))


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


class Posts:
    """The posts of this worker, by their camera's code; each has a thread of its own."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._posts: dict[str, Post] = {}
        self._counts: dict[str, Counts] = {}
        self._clips: Clips | None = None
        self._turn = threading.Lock()

    def order(self, orders: Orders) -> None:
        """Watch what the orders say; the folder of clips is that of the first."""
        if orders.drafts and self._clips is None:
            drafts = Path(orders.drafts)
            self._clips = Clips(drafts, self._outbox, Turns(Path(orders.turns or drafts)))
            start(self._clips.run, "clips")
        self.watch(orders.cameras)

    def watch(self, cameras: Sequence[Camera]) -> None:
        """Watch these cameras and no others; one that is the same as before is not touched."""
        wanted = {camera.code: camera for camera in cameras}
        for code, post in list(self._posts.items()):
            if wanted.get(code) != post.camera:
                self._posts.pop(code).leave()
        for code, camera in wanted.items():
            if code not in self._posts:
                counts = self._counts.setdefault(code, Counts())
                post = Post(camera, self._outbox, clips=self._clips, counts=counts, turn=self._turn)
                self._posts[code] = post
                start(post.watch, code)

    def hear(self, command: Command) -> None:
        """Do what the warden says."""
        match command:
            case Orders():
                self.order(command)
            case _ if post := self._posts.get(command.camera):
                post.hear(command)

    def beat(self) -> NoReturn:
        """Say each second that the worker lives, and let time pass for its cameras."""
        while True:
            posts = dict(self._posts)
            for post in posts.values():
                post.tick()
            figures = {code: post.figures for code, post in posts.items()}
            self._outbox.put(Pulse(dropped=self._outbox.dropped, cameras=figures), time.monotonic())
            time.sleep(PULSE_S)


def start(target: object, name: str, *arguments: object) -> None:
    """Start a thread that never keeps the process alive."""
    threading.Thread(target=target, name=name, args=arguments, daemon=True).start()  # type: ignore[arg-type]


def main() -> NoReturn:
    """Do what the commands say until standard input closes."""
    end_with_parent()
    dump_nothing()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    use_one_thread()
    commands, reports = take_pipes()
    command = read_command(commands)
    if command is None:
        sys.exit("no orders came over standard input; this program is started by the warden")
    outbox = Outbox(time.monotonic)
    posts = Posts(outbox)
    start(send, "reports", outbox, reports)
    start(posts.beat, "pulse")
    while command is not None:
        posts.hear(command)
        command = read_command(commands)
    os._exit(0)


if __name__ == "__main__":
    main()
