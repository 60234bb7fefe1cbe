"""Packets -> an MP4 that a browser plays, without encoding them anew. A fence of PyAV, like `cameras/stream.py`.

The index stands in front of the pictures (`faststart`), so that it plays while it is being loaded. HEVC has the tag
`hvc1`, without which some browsers do not play it.
"""

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from cameras.annexb import length_size, parameter_sets, sets_of, with_start_codes
from cameras.packets import Header, Piece
from cameras.timeline import Timeline

PLAYED = frozenset({"h264", "hevc"})
"""What browsers play in an MP4; anything else is encoded anew."""


class Remux:
    """Writes one file. `first` is the key frame that it begins with. Raises OSError, and ValueError when the packet
    cannot be read as a stream of this codec."""

    def __init__(self, path: Path, header: Header, first: Piece, *, held_back: int = 0) -> None:
        self._header = header
        self._timeline = Timeline(header.tick, held_back)
        self._tick = Fraction(*header.tick)
        self._template = _template(header, first)
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "faststart"})
        self._stream = self._container.add_stream_from_template(self._template.streams.video[0])
        if header.codec == "hevc":
            self._stream.codec_context.codec_tag = "hvc1"
        self._lengths = length_size(header.codec, header.extradata)
        self._stream.time_base = self._tick
        self._end = self._decoded = 0
        self._step = round(Fraction(1, 25) / self._tick)
        self.pictures = 0

    @property
    def seconds(self) -> float:
        """How long it is so far."""
        return float(self._end * self._tick)

    def add(self, piece: Piece) -> None:
        """Write a packet. Raises OSError when the disk takes nothing."""
        placed = self._timeline.place(piece)
        if placed is None:
            return
        data = piece.data
        if self._lengths:
            data = with_start_codes(self._header.codec, self._header.extradata, data)
        packet = av.Packet(data)
        packet.time_base = self._tick
        packet.pts, packet.dts = placed
        packet.is_keyframe = piece.key
        packet.duration = self._step = max(1, placed[1] - self._decoded) if self.pictures else self._step
        self._decoded = placed[1]
        packet.stream = self._stream
        self._container.mux(packet)
        self.pictures += 1
        self._end = max(self._end, placed[0] + self._step)

    def close(self) -> None:
        """Complete the file. Raises OSError."""
        try:
            self._container.close()
        finally:
            self._template.close()


def _template(header: Header, first: Piece) -> Any:
    """The stream as the library reads it from its first packet: size, profile, parameter sets."""
    codec, extradata = header.codec, header.extradata
    data = with_start_codes(codec, extradata, first.data)
    sets = b"" if parameter_sets(codec, data) else sets_of(codec, extradata)
    try:
        container = av.open(io.BytesIO(sets + data), format=codec)
    except av.FFmpegError as error:
        raise ValueError(f"the first packet of a clip is no {codec}") from error
    if not container.streams.video or not container.streams.video[0].codec_context.width:
        container.close()
        raise ValueError(f"the first packet of a clip has no picture of {codec}")
    return container
