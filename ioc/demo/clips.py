"""Shipped clips -> raw Annex B H.264 files that the demo's RTSP server can loop. Nothing is re-encoded."""

import os
from collections.abc import Iterable
from pathlib import Path

import av
import msgspec
from av.bitstream import BitStreamFilterContext


class Clip(msgspec.Struct, frozen=True, kw_only=True):
    """A raw H.264 file and its rate in frames a second, as a fraction in text."""

    name: str
    path: str
    rate: str


def unwrap(clips: Iterable[Path], folder: Path) -> list[Clip]:
    """Unwrap each clip into `folder` as NAME.h264; a file that is there and newer than its clip is kept.

    Raises ValueError for a clip without H.264 video.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_unwrapped(clip, folder / f"{clip.stem}.h264") for clip in clips]


def _unwrapped(clip: Path, raw: Path) -> Clip:
    with av.open(str(clip)) as container:
        if not container.streams.video or container.streams.video[0].codec_context.name != "h264":
            raise ValueError(f"{clip.name} has no H.264 video; the demo serves H.264 clips only")
        stream = container.streams.video[0]
        rate = stream.average_rate
        if not raw.exists() or raw.stat().st_mtime_ns < clip.stat().st_mtime_ns:
            _write(container, stream, raw)
    return Clip(name=clip.stem, path=str(raw), rate=f"{rate.numerator}/{rate.denominator}" if rate else "25/1")


def _write(container: av.container.InputContainer, stream: av.VideoStream, raw: Path) -> None:
    """The packets with start codes, complete or not at all."""
    unfinished = raw.with_suffix(f".{os.getpid()}.part")
    annexb = BitStreamFilterContext("h264_mp4toannexb", in_stream=stream)
    with unfinished.open("wb") as out:
        for packet in container.demux(stream):
            for filtered in annexb.filter(packet if packet.size else None):
                out.write(bytes(filtered))
    unfinished.replace(raw)
