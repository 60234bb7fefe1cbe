"""What the cameras' cost is compared with: `python -m bench.camera_decode`, a process that decodes and nothing else.

One line of JSON on standard input lists the addresses. A thread each reads its stream over RTSP/TCP with PyAV as it
comes: `av.open(url)`, `container.decode(video=0)`, every setting of the decoder at the library's default (for H.264
`thread_count` 0, which is one thread a core and one more, and `thread_type` SLICE: a picture of one slice, as cameras
send it, is decoded by one of them). After each further line it answers how many pictures each stream has given.
"""

import json
import os
import sys
import threading

import av


class Stream:
    """One stream, decoded in a thread until the process ends."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pictures = 0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            with av.open(self.url, options={"rtsp_transport": "tcp"}) as container:
                for _frame in container.decode(video=0):
                    self.pictures += 1
        except (av.FFmpegError, OSError) as error:
            sys.stderr.write(f"decoding ended: {error}\n")
            os._exit(1)


def main() -> None:
    """Decode until standard input closes."""
    streams = [Stream(url) for url in json.loads(sys.stdin.readline())]
    for _ in sys.stdin:
        sys.stdout.write(json.dumps([stream.pictures for stream in streams]) + "\n")
        sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
