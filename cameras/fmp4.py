"""Packets of a camera -> fragments of MP4 that a browser plays as they come. Pure: no I/O, no clock.

Each picture is a fragment of its own, so that none waits for another. Parameter sets stand in the initialisation
segment alone; when they change, a new one comes first.
"""

import bisect
import collections
import math
import statistics

import msgspec

from cameras import boxes
from cameras.boxes import TIMESCALE
from cameras.nal import (
    H264_PPS,
    H264_SPS,
    H265_PPS,
    H265_SPS,
    H265_VPS,
    annexb_units,
    h264_shape,
    h265_shape,
    kept_sets,
    kind,
    lengthened,
    prefixed_units,
)
from cameras.packets import Header, Piece

PLAYED = frozenset({"h264", "hevc"})
"""Codecs that can be played as fragments; a browser may still lack the second."""
SETS = {"h264": (H264_SPS, H264_PPS), "hevc": (H265_VPS, H265_SPS, H265_PPS)}
_LEFT_OUT = {"h264": {9, 12, H264_SPS, H264_PPS, 13}, "hevc": {35, 38, H265_VPS, H265_SPS, H265_PPS}}
"""Delimiters, filler and parameter sets are not part of a sample."""
LENGTHS = 25
"""What is usual is the median of so many lengths of pictures."""
SHORTEST = TIMESCALE * 8 // 100
LEAP_S = 1.0
"""A clock of the camera that leaps by more than this against ours is set anew."""
DEEPEST = 4
"""So many pictures at most are sent before one that is shown earlier, where the camera does not say."""


class Fragment(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the stream: an initialisation segment, or one picture.

    `key`: watching can begin here. `media` is when it is shown, in ticks of the stream; `at` when it came
    (monotonic seconds).
    """

    data: bytes
    at: float
    init: bool = False
    key: bool = False
    media: int = 0
    codec: str = ""


class Fragmenter:
    """Makes fragments of one stream's packets. What cannot be shown yields nothing.

    `after`: all are shown later than that media time (ticks), which passed at that moment (monotonic seconds).
    """

    def __init__(self, after: tuple[int, float] | None = None) -> None:
        self._codec = ""
        self._tick = (1, TIMESCALE)
        self._length = 0
        self._sets: dict[int, list[bytes]] = {}
        self._told: tuple[bytes, ...] = ()
        self._serial = 0
        self._begun = False
        self._clock = Clock(after)

    def opened(self, header: Header) -> None:
        """A stream begins (again)."""
        self._codec, self._tick = header.codec, header.tick
        self._told, self._begun, self._sets, self._length = (), False, {}, 0
        self._clock.restart()
        if header.codec in PLAYED:
            units, self._length = kept_sets(header.codec, header.extradata)
            self._learn(units)

    def pieces(self, piece: Piece) -> list[Fragment]:
        """The fragments of a packet: none before the first key frame; an initialisation segment when it is due."""
        if self._codec not in PLAYED:
            return []
        units = prefixed_units(piece.data, self._length) if self._length else annexb_units(piece.data)
        if piece.key:
            self._learn(units)
        sample = [unit for unit in units if kind(self._codec, unit) not in _LEFT_OUT[self._codec]]
        found = self._init(piece.at) if piece.key else []
        if not sample or not (self._begun or piece.key) or not self._told:
            return found
        self._begun = True
        self._serial += 1
        dts, pts, duration = self._clock.place(self._ticks(piece.pts), self._ticks(piece.dts), piece.at)
        data = boxes.fragment(
            self._serial, lengthened(sample), dts=dts, duration=duration, offset=pts - dts, key=piece.key
        )
        return [*found, Fragment(data=data, at=piece.at, key=piece.key, media=pts)]

    def _ticks(self, time: int | None) -> int | None:
        return None if time is None else time * self._tick[0] * TIMESCALE // self._tick[1]

    def _learn(self, units: list[bytes]) -> None:
        """Take the parameter sets among units; those of a key frame replace all of their kind."""
        for wanted in SETS[self._codec]:
            found = [unit for unit in dict.fromkeys(units) if kind(self._codec, unit) == wanted]
            if found:
                self._sets[wanted] = found

    def _init(self, at: float) -> list[Fragment]:
        """The initialisation segment when the parameter sets are new and whole."""
        sets = tuple(unit for wanted in SETS[self._codec] for unit in self._sets.get(wanted, ()))
        if sets == self._told or any(wanted not in self._sets for wanted in SETS[self._codec]):
            return []
        sps = self._sets[H264_SPS if self._codec == "h264" else H265_SPS][0]
        try:
            shape = h264_shape(sps) if self._codec == "h264" else h265_shape(sps)
        except ValueError:
            self._told, self._begun = (), False
            return []
        self._told = sets
        codec = boxes.codec_string(self._codec, sets)
        return [Fragment(data=boxes.init(self._codec, sets, shape), at=at, init=True, codec=codec)]


class Clock:
    """The times of a stream's pictures, from zero (or `after`) on and ever rising, whatever the camera's clock does.

    A camera without times, or whose times stand still, gets those of arrival. All in ticks of `TIMESCALE`.

    A browser drops everything up to the next key frame when a picture comes more than twice the length of the one
    before after it (Media Source Extensions, coded frame processing, step 6). A camera's times vary by more than
    that, so each picture is told generously long: the next one ends it anyway.
    """

    def __init__(self, after: tuple[int, float] | None = None) -> None:
        self._base: int | None = None
        self._last = after
        self._lengths = collections.deque([TIMESCALE // 25], maxlen=LENGTHS)
        self._told = self._generous()
        self._recent: list[int] = []
        self._depth = 0
        self._given: tuple[int | None, int | None] = (None, None)

    def restart(self) -> None:
        """The next picture has nothing to do with the last, and follows it all the same."""
        self._base, self._recent, self._depth = None, [], 0

    def place(self, pts: int | None, dts: int | None, at: float) -> tuple[int, int, int]:
        """When a picture is decoded and shown, and the probable length of it."""
        still, self._given = (pts, dts) == self._given, (pts, dts)
        if still:
            pts = dts = None
        if pts is None:
            pts = dts = dts if dts is not None else round(at * TIMESCALE)
        wanted = self._ordered(pts) if dts is None else dts
        anew = self._base is None
        decoded = self._rebased(wanted, at)
        if self._last is not None and not anew:
            decoded = self._held(decoded, self._last[0])
            self._lengths.append(decoded - self._last[0])
            self._told = self._generous()
        shown = max(0, decoded + pts - wanted)
        self._last = (decoded, at)
        return decoded, shown, self._told

    def _held(self, decoded: int, last: int) -> int:
        """The time of a picture that browsers take as the next one: a longer pause is told as the longest of those."""
        most = last + 2 * self._told
        if decoded <= most:
            return decoded
        self._base = (self._base or 0) + decoded - most
        return most

    def _generous(self) -> int:
        """A length that the times of the next pictures may vary by, in ticks: twice the usual one."""
        return min(max(2 * round(statistics.median(self._lengths)), SHORTEST), TIMESCALE - 1)

    def _rebased(self, wanted: int, at: float) -> int:
        if self._last is None:
            self._base = wanted
            return 0
        last, last_at = self._last
        passed = wanted - (self._base or 0) - last
        if self._base is None or not 0 < passed < (at - last_at + LEAP_S) * TIMESCALE:
            slight = self._base is not None and -LEAP_S * TIMESCALE / 10 < passed <= 0
            if slight:
                return last + 1
            # A stream that begins anew continues as much later as it came later, so that no picture is shown early.
            following = last + max(self._lengths[-1], math.floor((at - last_at) * TIMESCALE))
            self._base = wanted - following
            return following
        return last + passed

    def _ordered(self, pts: int) -> int:
        """A time of decoding for a picture that has none: the smallest of the last few that are shown."""
        if self._recent and pts < self._recent[-1]:
            later = sum(1 for one in self._recent if one > pts)
            self._depth = min(DEEPEST, max(self._depth, later))
        bisect.insort(self._recent, pts)
        del self._recent[: -(self._depth + 1)]
        return self._recent[0]
