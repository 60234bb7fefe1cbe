"""The child of payload scripts: its frames, and what it answers without a process around it."""

import io
import json
from importlib import resources

import pytest

from sensors.codecs.sandbox import HEADER, LIMITS, MOST_SOURCES, Sandbox, read_frame, serve


def box() -> Sandbox:
    folder = resources.files("sensors.codecs").joinpath("js")
    return Sandbox(*(folder.joinpath(name).read_text("utf-8") for name in ("prelude.js", "buffer.js")))


CALL = "[1, 2], 3, null, {}"
DOUBLE = "function decodeUplink(i) { return {data: {n: i.bytes[1] * 2}}; }"


def test_a_source_is_sent_once() -> None:
    made = box()
    assert made.answer("k", None, CALL) == ("again", "")
    assert made.answer("k", DOUBLE, CALL)[0] == "ok"
    word, text = made.answer("k", None, CALL)
    assert (word, json.loads(text)) == ("ok", {"form": "uplink", "out": {"data": {"n": 4}}})


def test_the_sources_that_are_remembered_are_bounded() -> None:
    made = box()
    for number in range(MOST_SOURCES + 1):
        made.answer(str(number), "", CALL)
    assert made.answer("0", None, CALL) == ("again", "")
    assert made.answer(str(MOST_SOURCES), None, CALL)[0] == "ok"


@pytest.mark.parametrize(
    ("source", "word"),
    [("while (1) {}", "time"), ("'a'.repeat(1e9)", "memory"), ("(function f() { f(); })()", "depth"),
     ("function Decoder() { return 'x'.repeat(1e5); }", "size")],
)  # fmt: skip
def test_each_limit_has_its_word(source: str, word: str) -> None:
    assert word in LIMITS
    assert box().answer("k", source, CALL) == (word, "")


def test_frames_are_answered_until_they_end_and_the_clock_is_set_around_each() -> None:
    requests = b""
    for request in (["k", DOUBLE, CALL], ["k", None, CALL]):
        body = json.dumps(request).encode()
        requests += HEADER.pack(len(body)) + body
    armed: list[float] = []
    answers = io.BytesIO()
    serve(io.BytesIO(requests + b"\0"), answers, box(), armed.append)
    answers.seek(0)
    got = [json.loads(frame) for frame in iter(lambda: read_frame(answers), None)]
    assert [word for word, _ in got] == ["ok", "ok"]
    assert [bool(seconds) for seconds in armed] == [True, False] * 2
