"""Asking an RTSP server what a stream is (RFC 2326, DESCRIBE) and reading its answer (SDP, RFC 4566). No I/O.

Bounded in size, and nothing of what a server says is believed to be well formed. A redirection is told, not followed:
where it leads was judged by nobody.
"""

import base64
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from cameras.soap import Account, Challenge, Nonce

LARGEST_HEAD = 16 * 1024
LARGEST_BODY = 64 * 1024
MOST_LINES = 1000
AGENT = "ioc"


class RtspError(Exception):
    """What answers does not speak RTSP, or says more than is read."""


class Reply(msgspec.Struct, frozen=True):
    """An answer: its status, header fields by name in lower case (of a repeated one all, with commas), its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Video(msgspec.Struct, frozen=True, kw_only=True):
    """What a description says of the first video: codec in lower case, size in pixels, pictures a second; what it
    does not say is empty or None."""

    codec: str
    width: int | None = None
    height: int | None = None
    fps: float | None = None


class Describe:
    """One conversation: `begin` gives the first bytes to send; each answer is fed until `reply` is there.

    `nonce` gives random bytes. An account is shown once, in the way that the server asks for (digest if it offers it,
    RFC 7616, else basic, RFC 7617).
    """

    def __init__(self, url: str, account: Account | None, nonce: Nonce) -> None:
        self._url = bare(url)
        self._account, self._nonce = account, nonce
        self._sequence = 0
        self._data = bytearray()
        self.reply: Reply | None = None
        self.proved = False

    def begin(self) -> bytes:
        """The first request."""
        return self._request("")

    def feed(self, data: bytes) -> bytes:
        """Take what came; what is to be sent now, empty while there is nothing to say. Raises RtspError."""
        self._data += data
        reply = self._whole()
        if reply is None:
            return b""
        if reply.status == 401 and self._account is not None and not self.proved:
            proof = self._proof(reply.headers.get("www-authenticate", ""), self._account)
            if proof:
                self.proved = True
                return self._request(proof)
        self.reply = reply
        return b""

    def _request(self, proof: str) -> bytes:
        self._sequence += 1
        fields = [f"CSeq: {self._sequence}", "Accept: application/sdp", f"User-Agent: {AGENT}"]
        fields += [f"Authorization: {proof}"] if proof else []
        return "\r\n".join((f"DESCRIBE {self._url} RTSP/1.0", *fields, "", "")).encode()

    def _proof(self, challenges: str, account: Account) -> str:
        challenge = Challenge.of(challenges)
        if challenge is not None:
            return challenge.answer(account, "DESCRIBE", self._url, 1, self._nonce(8).hex(), whole=True)
        if re.search(r"\bbasic\b", challenges, re.IGNORECASE):
            return "Basic " + base64.b64encode(f"{account.user}:{account.password}".encode()).decode()
        return ""

    def _whole(self) -> Reply | None:
        """The next answer, once all of it came; it is taken out of what waits."""
        self._skip_packets()
        if self._data.startswith(b"$"):
            return None
        if self._data and not b"RTSP/1.".startswith(self._data[:7]) and not self._data.startswith(b"RTSP/1."):
            raise RtspError("what answers there does not speak RTSP")
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            if len(self._data) > LARGEST_HEAD:
                raise RtspError("its answer has a head without end")
            return None
        status, headers = _head(bytes(self._data[:end]))
        length = _length(headers)
        if len(self._data) < end + 4 + length:
            return None
        body = bytes(self._data[end + 4 : end + 4 + length])
        del self._data[: end + 4 + length]
        return Reply(status, headers, body)

    def _skip_packets(self) -> None:
        """Leave out packets of a stream that somebody sends unasked (RFC 2326, 10.12)."""
        while len(self._data) >= 4 and self._data[0] == 0x24:
            size = 4 + int.from_bytes(self._data[2:4], "big")
            if len(self._data) < size:
                return
            del self._data[:size]


def bare(url: str) -> str:
    """An address without its account and fragment, as it is asked for."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()


def _head(data: bytes) -> tuple[int, dict[str, str]]:
    if len(data) > LARGEST_HEAD:
        raise RtspError("its answer has too long a head")
    lines = data.decode("latin-1").split("\r\n")
    found = re.match(r"RTSP/1\.\d (\d{3})(?: |\Z)", lines[0])
    if found is None:
        raise RtspError("what answers there does not speak RTSP")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            headers[key] = f"{headers[key]}, {value.strip()}" if key in headers else value.strip()
    return int(found[1]), headers


def _length(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length", "0") or "0"
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) > LARGEST_BODY:
        raise RtspError("its answer has a body of a length that is not read")
    return int(text)


_NAMES = {"h264": "h264", "h265": "hevc", "hevc": "hevc", "jpeg": "mjpeg", "mp4v-es": "mpeg4", "av1": "av1"}
_STATIC = {"26": "mjpeg", "32": "mpeg2video", "31": "h261", "34": "h263"}
"""Payload types that need no rtpmap (RFC 3551, table 5)."""


def video_of(sdp: bytes) -> Video | None:
    """What a description says of its first video; None when it has none."""
    lines = [line.strip() for line in sdp.decode("utf-8", "replace").splitlines()[:MOST_LINES]]
    start = next((number for number, line in enumerate(lines) if line.startswith("m=video")), None)
    if start is None:
        return None
    rest = lines[start + 1 :]
    section = rest[: next((number for number, line in enumerate(rest) if line.startswith("m=")), len(rest))]
    text = "\n".join(section)
    kind = (lines[start].split() + [""] * 4)[3]
    named = re.search(rf"^a=rtpmap:\s*{re.escape(kind)}\s+([\w.+-]+)/", text, re.MULTILINE) if kind else None
    codec = named[1].lower() if named else _STATIC.get(kind, "")
    size = re.search(
        r"^a=(?:framesize:\s*\d+\s+|x-dimensions:\s*|cliprect:0,0,)(\d{1,5})[-,](\d{1,5})", text, re.MULTILINE
    )
    rate = re.search(r"^a=(?:x-)?framerate:\s*(\d{1,3}(?:\.\d{1,6})?)", text, re.MULTILINE)
    wide, high = (int(size[1]), int(size[2])) if size else (None, None)
    if size and size[0].startswith("a=cliprect"):
        wide, high = high, wide  # bottom before right (Microsoft's and Hikvision's way)
    return Video(codec=_NAMES.get(codec, codec[:20]), width=wide, height=high, fps=float(rate[1]) if rate else None)
