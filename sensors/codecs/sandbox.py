"""The child process in which payload scripts of device makers run: QuickJS, and nothing else within reach.

It speaks frames on its standard input and output: four bytes of length, big-endian, then JSON. A request is
`[key, source or null, call]`; `call` is what stands between the brackets of `__decode(…)`. An answer is `[word, text]`:
`ok` with the JSON of what the script returned, or a word of `LIMITS`, or `error` with the script's own words.

Each call has a context of its own, so nothing that a script leaves behind meets the next call. Loops of the script end
by QuickJS's own clock; loops inside its built-in functions, which do not look at it, end with this process, by SIGPROF.
"""

import json
import resource
import signal
import struct
import sys
from collections.abc import Callable
from importlib import resources
from typing import BinaryIO

import quickjs

CPU_S = 0.1
"""CPU seconds of a call, as QuickJS counts them."""

KILL_S = 0.4
"""CPU seconds after which the kernel ends this process."""

MEMORY = 16 << 20
"""Bytes that a call may use."""

STACK = 256 << 10
"""Bytes of the call's stack."""

ADDRESSES = 1 << 30
"""Bytes of address space of this process."""

LARGEST_ANSWER = 64 << 10
"""Characters of JSON that a script may return."""

MOST_SOURCES = 256

LIMITS = ("time", "memory", "depth", "size")
"""Words for the limit that ended a call."""

HEADER = struct.Struct(">I")

_CALL = "__decode("


class Sandbox:
    """Runs calls; remembers the sources of scripts by their keys."""

    def __init__(self, prelude: str, more: str) -> None:
        self._prelude = prelude
        self._more = more
        self._sources: dict[str, str] = {}

    def answer(self, key: str, source: str | None, call: str) -> tuple[str, str]:
        """Run one call; whatever the script does, there is an answer or an end of this process."""
        if source is not None:
            if len(self._sources) >= MOST_SOURCES:
                self._sources.clear()
            self._sources[key] = source
        if key not in self._sources:
            return "again", ""
        return self._run(self._sources[key], call)

    def _run(self, source: str, call: str) -> tuple[str, str]:
        context = quickjs.Context()
        context.set_memory_limit(MEMORY)
        context.set_max_stack_size(STACK)
        context.set_time_limit(CPU_S)
        more = self._more if "Buffer" in source or "TextDecoder" in source else ""
        try:
            context.eval(self._prelude + more)
            context.eval(source)
            answer = context.eval(f"{_CALL}{call})")
        except quickjs.StackOverflow:
            return "depth", ""
        except quickjs.JSException as error:
            return _of(str(error))
        except MemoryError:
            return "memory", ""
        if not isinstance(answer, str):
            return "error", "it returned nothing that JSON can hold"
        return ("ok", answer) if len(answer) <= LARGEST_ANSWER else ("size", "")


def _of(error: str) -> tuple[str, str]:
    """QuickJS's words; an exhausted memory cannot even make its error, and is then `null`."""
    first = error.partition("\n")[0]
    if first == "InternalError: interrupted":
        return "time", ""
    if first in ("null", "InternalError: out of memory"):
        return "memory", ""
    return "error", first.removeprefix("Error: ")[:300]


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame, or None at the end of the stream."""
    head = stream.read(HEADER.size)
    if len(head) < HEADER.size:
        return None
    body = stream.read(HEADER.unpack(head)[0])
    return body or None


def serve(requests: BinaryIO, answers: BinaryIO, box: Sandbox, arm: Callable[[float], object]) -> None:
    """Answer until the requests end. `arm` sets how much CPU, in seconds, this process has left; 0 takes it back."""
    while (body := read_frame(requests)) is not None:
        key, source, call = json.loads(body)
        arm(KILL_S)
        answer = box.answer(key, source, call)
        arm(0)
        sent = json.dumps(answer).encode("utf-8", "surrogatepass")
        answers.write(HEADER.pack(len(sent)) + sent)
        answers.flush()


def _arm(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_PROF, seconds)


def main() -> None:
    """Run as a child until standard input is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    folder = resources.files("sensors.codecs").joinpath("js")
    prelude, more = (folder.joinpath(name).read_text("utf-8") for name in ("prelude.js", "buffer.js"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer, Sandbox(prelude, more), _arm)


if __name__ == "__main__":
    main()
