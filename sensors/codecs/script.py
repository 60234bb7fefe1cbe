"""Payload scripts of device makers: found in folders by their names, run in a child process with hard limits.

A script is a file `NAME.js` with `decodeUplink(input)` as The Things Stack and ChirpStack v4 call it, or the older
`Decoder(bytes, port)` or `Decode(fPort, bytes, variables)`. A file that changes is read again. The child is started
when it is first needed and again after it was ended; whatever a script does, its message gets a reason in time.
"""

import datetime as dt
import hashlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from sensors.codecs.codec import Trouble
from sensors.codecs.sandbox import CPU_S, HEADER, LARGEST_ANSWER, MEMORY, STACK

LONGEST_FRAME = 255
"""Bytes of a LoRaWAN frame's payload: no region allows more (LoRaWAN L2, 4.3)."""

LARGEST_SCRIPT = 256 * 1024
"""Bytes of a script above which it is not read."""

WALL_S = 3.0
"""Seconds after which the child is ended when it gives no answer, however little of the machine it had."""

OVERRUNS = 5
"""So many calls of a script that had to be stopped, more than a tenth of those that had not, make it rest."""

REST_S = 30.0
"""Seconds that a script rests: meanwhile its messages are refused unread, so that it cannot hold up the others."""

LOOK_S = 1.0
"""Seconds between two looks at a script's file."""

_WORDS = {
    "time": f"it ran for more than {CPU_S:g} s",
    "memory": f"it used more than {MEMORY >> 20} MB, or threw null",
    "depth": f"it called itself too deeply (its stack has {STACK >> 10} kB)",
    "size": f"it returned more than {LARGEST_ANSWER >> 10} kB",
    "ended": "it had to be ended with its process; it loops in a function of the language itself, or fills the memory",
}


class ScriptError(Exception):
    """A frame could not be decoded; `code` is for counters, the text for people, `out` what the script returned."""

    def __init__(self, code: str, reason: str, out: Any = None) -> None:
        super().__init__(reason)
        self.code = code
        self.out = out

    @property
    def trouble(self) -> Trouble:
        """The same as codecs say it."""
        return Trouble(self.code, str(self))


class Answer(msgspec.Struct, frozen=True):
    """What a script returned: `out` unchanged, and in it the object with the measured values."""

    out: Any
    data: Mapping[str, Any]


class _Returned(msgspec.Struct, frozen=True):
    form: str
    out: Any = None


class _Source(msgspec.Struct):
    key: str
    text: str
    stamp: tuple[int, int]
    looked: float
    overruns: float = 0.0
    rests_until: float = 0.0


_RETURNED = msgspec.json.Decoder(_Returned)


class Scripts:
    """The scripts of some folders, an earlier one before a later. Use in a `with`, or close at the end."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = [folder.absolute() for folder in folders]
        self._sources: dict[str, _Source] = {}
        self._child: subprocess.Popen[bytes] | None = None
        self._known: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the child, if there is one."""
        child, self._child = self._child, None
        self._known.clear()
        if child is not None:
            child.kill()
            child.communicate()

    def run(
        self,
        name: str,
        frame: bytes,
        port: int,
        received_at: dt.datetime | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Answer:
        """Decode a frame. Raises ScriptError with the reason when there is no answer or the script has errors."""
        if len(frame) > LONGEST_FRAME:
            raise ScriptError("frame", f"the frame has {len(frame)} bytes; LoRaWAN carries at most {LONGEST_FRAME}")
        source = self._source(name)
        if time.monotonic() < source.rests_until:
            raise ScriptError("script_rests", f"the script {name} had to be stopped {OVERRUNS} times; mend it")
        word, text = self._ask(source, _call(frame, port, received_at, variables or {}))
        self._watch(source, word)
        if word != "ok":
            code = "script_error" if word == "error" else "script_limit"
            raise ScriptError(code, f"the script {name} failed: {_WORDS.get(word, text)}")
        return _answer(name, text)

    def _source(self, name: str) -> _Source:
        moment = time.monotonic()
        known = self._sources.get(name)
        if known is not None and moment - known.looked < LOOK_S:
            return known
        path = self._path(name)
        try:
            about = path.stat()
            stamp = (about.st_mtime_ns, about.st_size)
            if known is not None and known.stamp == stamp:
                known.looked = moment
                return known
            if about.st_size > LARGEST_SCRIPT:
                raise ScriptError("script", f"the script {name} has more than {LARGEST_SCRIPT >> 10} kB")
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ScriptError("script", f"the script {name} cannot be read ({error}); mend the file") from error
        self._sources[name] = _Source(hashlib.sha256(text.encode()).hexdigest(), text, stamp, moment)
        return self._sources[name]

    def _path(self, name: str) -> Path:
        plain = name.removesuffix(".js")
        if plain and not plain.startswith(".") and "/" not in plain and "\0" not in plain:
            for folder in self._folders:
                path = folder / f"{plain}.js"
                if path.is_file():
                    return path
        raise ScriptError("script", f"there is no script {name[:60]!r}; put it as a file .js into {self._folders[0]}")

    def _watch(self, source: _Source, word: str) -> None:
        """A script that has to be stopped again and again would hold up everybody's messages."""
        late = word in ("time", "ended")
        source.overruns = source.overruns + 1 if late else max(0.0, source.overruns - 0.1)
        if source.overruns >= OVERRUNS:
            source.overruns = 0.0
            source.rests_until = time.monotonic() + REST_S

    def _ask(self, source: _Source, call: str) -> tuple[str, str]:
        for _ in range(2):
            child = self._running()
            text = None if source.key in self._known else source.text
            answer = _exchange(child, [source.key, text, call])
            if answer is None:
                self.close()
                return "ended", ""
            self._known.add(source.key)
            if answer[0] != "again":
                return answer
            self._known.clear()
        return "ended", ""

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self.close()
            self._child = subprocess.Popen(
                [sys.executable, "-m", "sensors.codecs.sandbox"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PYTHONPATH": os.pathsep.join(str(Path(place).absolute()) for place in sys.path)},
                cwd="/",
            )
        return self._child


def _exchange(child: subprocess.Popen[bytes], request: list[str | None]) -> tuple[str, str] | None:
    """Ask the child; None when it ended, or was silent for too long."""
    assert child.stdin is not None  # noqa: S101 - both are pipes of ours
    assert child.stdout is not None  # noqa: S101
    body = msgspec.json.encode(request)
    try:
        child.stdin.write(HEADER.pack(len(body)) + body)
        child.stdin.flush()
    except OSError:
        return None
    deadline = time.monotonic() + WALL_S
    head = _read(child.stdout.fileno(), HEADER.size, deadline)
    answer = _read(child.stdout.fileno(), HEADER.unpack(head)[0], deadline) if head is not None else None
    return msgspec.json.decode(answer, type=tuple[str, str]) if answer is not None else None


def _read(file: int, size: int, deadline: float) -> bytes | None:
    """Exactly so many bytes, or None at the end of the file or of the patience."""
    got = bytearray()
    while len(got) < size:
        ready, _, _ = select.select([file], [], [], max(0.0, deadline - time.monotonic()))
        more = os.read(file, size - len(got)) if ready else b""
        if not more:
            return None
        got += more
    return bytes(got)


def _call(frame: bytes, port: int, received_at: dt.datetime | None, variables: Mapping[str, str]) -> str:
    moment = "null" if received_at is None else str(int(received_at.timestamp() * 1000))
    return f"{list(frame)},{port},{moment},{msgspec.json.encode(dict(variables)).decode()}"


def _answer(name: str, text: str) -> Answer:
    """What stands in the script's answer. Raises ScriptError when it has errors or no object of values."""
    try:
        returned = _RETURNED.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise ScriptError("script_error", f"the script {name} returned what JSON cannot hold: {error}") from error
    if returned.form == "none":
        raise ScriptError("script", f"the script {name} has no function decodeUplink, Decoder or Decode")
    out = returned.out
    if not isinstance(out, dict):
        raise ScriptError("script_error", f"the script {name} returned no object", out)
    if returned.form == "plain":
        return Answer(out, out)
    errors = out.get("errors")
    if errors:
        first = errors[0] if isinstance(errors, list) else errors
        raise ScriptError("script_error", f"the script {name} says: {str(first)[:300]}", out)
    if not isinstance(out.get("data"), dict):
        raise ScriptError("script_error", f"the script {name} returned no object under `data`", out)
    return Answer(out, out["data"])
