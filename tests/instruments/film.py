"""Films as RTP packets: any codec that FFmpeg can packetise, recorded once and played by tests/instruments/rtsp.py."""

import contextlib
import re
import socket
import struct
from fractions import Fraction
from typing import NamedTuple

import av
import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]
CLOCK = 90_000

OPTIONS = {
    "libx264": {"preset": "ultrafast", "tune": "zerolatency", "crf": "26"},
    "libx265": {"preset": "ultrafast", "tune": "zerolatency", "crf": "28", "x265-params": "log-level=none:pools=1"},
    "mjpeg": {"huffman": "default"},
}

KINDS = {"libx264": (96, "H264"), "libx265": (96, "H265"), "mjpeg": (26, "JPEG")}
SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=yard\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
    "m=video 0 RTP/AVP {0}\r\na=rtpmap:{0} {1}/90000\r\na=control:track0\r\n"
)


class Film(NamedTuple):
    """What a camera sends: its description (SDP), and RTP packets with their time in seconds from the beginning."""

    sdp: str
    packets: tuple[tuple[float, bytes], ...]
    seconds: float

    def damaged(self, share: float, seed: int) -> "Film":
        """The film with that share of the payload's bits flipped; the headers of RTP stay whole."""
        chance = np.random.default_rng(seed)
        packets = []
        for at, packet in self.packets:
            payload = np.unpackbits(np.frombuffer(packet[12:], np.uint8))
            flips = chance.random(payload.size) < share
            packets.append((at, packet[:12] + np.packbits(payload ^ flips).tobytes()))
        return self._replace(packets=tuple(packets))

    def then(self, other: "Film") -> "Film":
        """This film and then another in one stream, under this one's description."""
        later = [(self.seconds + at, packet) for at, packet in other.packets]
        return Film(self.sdp, self.packets + tuple(later), self.seconds + other.seconds)


def shoot(pictures: list[Luma], *, codec: str = "libx264", rate: int = 10, key_each_s: float = 1.0) -> Film:
    """The film of these pictures, packed by FFmpeg's own RTP muxer; parameter sets stand in the stream alone."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.setblocking(False)
        packets: list[bytes] = []
        height, width = pictures[0].shape
        with av.open(f"rtp://127.0.0.1:{taken.getsockname()[1]}?pkt_size=1400", "w", format="rtp") as container:
            stream = container.add_stream(codec, rate=Fraction(rate), options=OPTIONS[codec])
            stream.width, stream.height = width, height
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            stream.codec_context.gop_size = round(rate * key_each_s)
            for number, picture in enumerate(pictures):
                frame = av.VideoFrame.from_ndarray(picture, format="gray").reformat(format=stream.pix_fmt)
                frame.pts, frame.time_base = number, Fraction(1, rate)
                container.mux(stream.encode(frame))
                packets += _waiting(taken)
            container.mux(stream.encode())
            packets += _waiting(taken)
    first = struct.unpack(">I", packets[0][4:8])[0]
    return Film(
        SDP.format(*KINDS[codec]), tuple((_seconds(packet, first), packet) for packet in packets), len(pictures) / rate
    )


def _waiting(taken: socket.socket) -> list[bytes]:
    """The datagrams that are there."""
    found = []
    with contextlib.suppress(BlockingIOError):
        while True:
            found.append(taken.recv(65536))
    return found


def _seconds(packet: bytes, first: int) -> float:
    return float((struct.unpack(">I", packet[4:8])[0] - first) % 2**32 / CLOCK)


def number_of(request: str) -> str:
    """The CSeq of a request."""
    found = re.search(r"(?im)^cseq: *(\d+)", request)
    return found.group(1) if found else "0"
