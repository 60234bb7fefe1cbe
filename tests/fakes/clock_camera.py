"""A real RTSP server whose camera shows a clock: what glass to glass is measured with. It counts who pulls what.

The picture is the time at which it was made: milliseconds of the wall clock modulo 2**20, a bit a block from the
left, most significant first, white for one; the row below holds the opposite, so that a torn picture is noticed.

As a program it is for the system's own Python (GStreamer's bindings): one line of JSON on standard input says what to
serve, standard output tells the port and then each session that begins or ends.
"""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

BITS = 20
SYSTEM_PYTHON = "/usr/bin/python3"
START_S = 10.0
"""Seconds (monotonic) after which a pipeline that does not play is given up."""


class ClockCamera:
    """Use as a context manager. `mounts`: name -> {"width", "height", "rate", "key"} (pictures a key frame).

    With "bits" (a second) the lower half is noise, so that so many are needed; with "hevc" it is H.265.
    """

    def __init__(self, mounts: dict[str, dict[str, int]]) -> None:
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, str(Path(__file__))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(mounts) + "\n")
        self._process.stdin.flush()
        self.port = int(json.loads(self._process.stdout.readline())["port"])
        self.played = dict.fromkeys(mounts, 0)
        """How many sessions of each mount have begun so far."""
        self.open = dict.fromkeys(mounts, 0)
        """How many of them have not ended."""
        self._reader = threading.Thread(target=self._follow, name="clock-camera", daemon=True)
        self._reader.start()

    def __enter__(self) -> "ClockCamera":
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._reader.join(5)
        self._process.stdout.close()

    def url(self, name: str) -> str:
        """The address of a mount."""
        return f"rtsp://127.0.0.1:{self.port}/{name}"

    def _follow(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            self.open[told["name"]] += told["change"]
            self.played[told["name"]] += max(0, told["change"])


def picture(width: int, height: int, at_ms: int, number: int, *, noise: bool = False) -> bytes:
    """An I420 picture of the time, above something that moves."""
    import numpy as np

    luma = np.full((height, width), 90, np.uint8)
    size = width // BITS
    for place in range(BITS):
        bit = at_ms >> (BITS - 1 - place) & 1
        columns = slice(place * size, (place + 1) * size)
        luma[:size, columns] = 235 if bit else 16
        luma[size : 2 * size, columns] = 16 if bit else 235
    left = number * 7 % (width - 80)
    luma[height // 2 : height // 2 + 60, left : left + 60] = 200
    if noise:
        luma[height // 2 :] = np.random.default_rng(number).integers(0, 255, (height - height // 2, width), np.uint8)
    return luma.tobytes() + bytes([128]) * (width * height // 2)


def _push(source: Any, about: dict[str, int], gst: Any) -> None:
    """Give a pipeline pictures at their pace until it takes no more.

    Not before it plays: a picture that comes while it has no clock yet has no time, and up to one in a hundred of such
    streams stayed silent for ever.
    """
    given_up = time.monotonic() + START_S
    while source.current_state != gst.State.PLAYING:
        if time.monotonic() > given_up:
            return
        time.sleep(0.002)
    period, number, due = 1 / about["rate"], 0, time.monotonic()
    while True:
        at_ms = time.time_ns() // 1_000_000 % (1 << BITS)
        body = picture(about["width"], about["height"], at_ms, number, noise="bits" in about)
        if source.emit("push-buffer", gst.Buffer.new_wrapped(body)) != gst.FlowReturn.OK:
            return
        number, due = number + 1, due + period
        time.sleep(max(0.0, due - time.monotonic()))


def _encoder(about: dict[str, int]) -> str:
    if "hevc" in about:
        encoder = f"x265enc speed-preset=ultrafast tune=zerolatency key-int-max={about['key']} bitrate=500"
        return f"{encoder} ! h265parse ! rtph265pay name=pay0 pt=96 config-interval=-1"
    encoder = f"openh264enc gop-size={about['key']} complexity=low rate-control=bitrate"
    return (
        f"{encoder} bitrate={about.get('bits', 2_000_000)} ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1"
    )


def serve(mounts: dict[str, dict[str, int]]) -> None:
    """Serve until standard input closes."""
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtspServer

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")

    for name, about in mounts.items():
        factory = GstRtspServer.RTSPMediaFactory()
        caps = f"video/x-raw,format=I420,width={about['width']},height={about['height']},framerate={about['rate']}/1"
        factory.set_launch(
            f"( appsrc name=camera is-live=true do-timestamp=true format=time caps={caps} ! {_encoder(about)} )"
        )
        factory.set_shared(True)

        def configure(_: Any, media: Any, about: dict[str, int] = about) -> None:
            source = media.get_element().get_by_name_recurse_up("camera")
            threading.Thread(target=_push, args=(source, about, Gst), daemon=True).start()

        factory.connect("media-configure", configure)
        server.get_mount_points().add_factory(f"/{name}", factory)
    server.connect("client-connected", _count)
    server.attach(None)
    sys.stdout.write(json.dumps({"port": server.get_bound_port()}) + "\n")
    sys.stdout.flush()
    loop = GLib.MainLoop()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    loop.run()


def _count(_: Any, client: Any) -> None:
    """Tell when a client begins to play a mount and when it is gone."""
    playing: list[str] = []

    def say(change: int, name: str) -> None:
        sys.stdout.write(json.dumps({"name": name, "change": change}) + "\n")
        sys.stdout.flush()

    def play(_: Any, context: Any) -> None:
        playing.append(context.uri.abspath.strip("/").split("/")[0])
        say(1, playing[-1])

    def closed(_: Any) -> None:
        while playing:
            say(-1, playing.pop())

    client.connect("play-request", play)
    client.connect("closed", closed)


if __name__ == "__main__":
    serve(json.loads(sys.stdin.readline()))
