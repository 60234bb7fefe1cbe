"""Payload scripts: makers' habits work, hostile ones end with a reason in time, and nothing stays behind."""

import datetime as dt
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensors.codecs import script
from sensors.codecs.script import ScriptError, Scripts
from tests.fakes.things import NOW


class Box:
    """Scripts in a folder of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scripts = Scripts([folder])

    def run(self, source: str, frame: bytes = b"\x01\x02", port: int = 3, **more: object) -> object:
        """What a whole script returns."""
        name = f"s{abs(hash(source))}"
        (self.folder / f"{name}.js").write_text(source, "utf-8")
        return self.scripts.run(name, frame, port, **more).out  # type: ignore[arg-type]

    def uplink(self, body: str) -> object:
        """What a body of decodeUplink returns."""
        return self.run(f"function decodeUplink(input) {{ {body} }}")

    def refusal(self, body: str) -> tuple[str, str]:
        """Code and reason of a body that fails."""
        with pytest.raises(ScriptError) as told:
            self.uplink(body)
        return told.value.code, str(told.value)


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    made = Box(tmp_path_factory.mktemp("scripts"))
    with made.scripts:
        yield made


@pytest.mark.parametrize(
    "source",
    [
        "function decodeUplink(input) { return {data: {n: input.bytes[1], p: input.fPort}}; }",
        "const decodeUplink = ({bytes, fPort}) => ({data: {n: bytes[1], p: fPort}, warnings: ['low']});",
        "module.exports = {decodeUplink: (i) => ({data: {n: i.bytes[1], p: i.fPort}})};",
        "exports.decodeUplink = function (i) { console.log(i); return {data: {n: i.bytes[1], p: i.fPort}}; };",
        "function decodeUplink(i) { for (k = 0; k < 2; k++) n = i.bytes[k]; return {data: {n: n, p: i.fPort}}; }",
        """if (typeof module !== 'undefined') module.exports.decodeUplink = decodeUplink;
        function decodeUplink(i) { return {data: {n: Buffer.from(i.bytes).readUInt16BE(0) - 256, p: i.fPort}}; }""",
    ],
)
def test_the_forms_of_today_are_called_as_networks_call_them(box: Box, source: str) -> None:
    out = box.run(source)
    assert isinstance(out, dict)
    assert out["data"] == {"n": 2, "p": 3}


@pytest.mark.parametrize(
    "source",
    [
        "function Decoder(bytes, port) { return {n: bytes[1], p: port}; }",
        "function Decode(fPort, bytes, variables) { return {n: bytes[1], p: fPort}; }",
        "module.exports = function (bytes, port) { return {n: bytes[1], p: port}; }",
    ],
)
def test_the_older_forms_are_called_with_their_own_arguments(box: Box, source: str) -> None:
    assert box.run(source) == {"n": 2, "p": 3}


def test_the_input_is_what_networks_give(box: Box) -> None:
    source = """function decodeUplink(i) { return {data: {list: Array.isArray(i.bytes), when: i.recvTime.toISOString(),
                more: i.variables.limit}}; }"""
    out = box.run(source, received_at=NOW, variables={"limit": "7"})
    assert out == {"data": {"list": True, "when": "2026-11-22T01:00:00.000Z", "more": "7"}}


def test_buffers_do_what_payload_scripts_use_them_for(box: Box) -> None:
    out = box.uplink(
        """const b = Buffer.from("fffe0102c0490fdb", "hex");
        return {data: {i: b.readInt16BE(0), u: b.readUInt16LE(2), f: b.readFloatBE(4), h: b.slice(2, 4).toString("hex"),
                       t: new TextDecoder().decode(Buffer.from("mực")), b: Buffer.from("aGk=", "base64").toString(),
                       x: b.readIntBE(0, 3), l: b.length}};"""
    )
    assert isinstance(out, dict)
    assert out["data"].pop("f") == pytest.approx(-3.14159, abs=1e-4)
    assert out["data"] == {"i": -2, "u": 513, "h": "0102", "t": "mực", "b": "hi", "x": -511, "l": 8}


LIMITS = {
    "while (1) {}": "0.1 s",
    "const a = []; while (1) a.push(new Array(1000).fill(1));": "16 MB",
    "return decodeUplink(input);": "deeply",
    "let o = {}; for (let i = 0; i < 5000; i++) o = {o}; return {data: o};": "deeply",
    "return {data: {x: 'a'.repeat(1e6)}};": "64 kB",
    "return {get data() { while (1) {} }};": "0.1 s",
    "return new Proxy({}, {ownKeys() { while (1) {} }});": "0.1 s",
    "return {data: {toJSON() { while (1) {} }}};": "0.1 s",
    "/(a+)+$/.test('a'.repeat(40) + 'b');": "0.1 s",
    "new Array(1e9).join('x');": "process",
    "'a'.repeat(1e9);": "16 MB",
}


@pytest.mark.parametrize("body", LIMITS)
def test_a_script_beyond_its_limits_is_stopped_with_a_reason_and_the_next_call_is_served(box: Box, body: str) -> None:
    start = time.monotonic()
    code, reason = box.refusal(body)
    assert code == "script_limit"
    assert LIMITS[body] in reason
    assert time.monotonic() - start < script.WALL_S + 1
    assert box.uplink("return {data: {n: 1}};") == {"data": {"n": 1}}


@pytest.mark.parametrize(
    "body",
    [
        "throw 1", "throw undefined", "throw {toString() { throw 2; }}", "throw {get message() { while (1) {} }}",
        "return undefined", "return 1", "return []", "return Symbol()", "return () => 1", "return {data: 1}",
        "return {data: [1]}", "return new Promise(() => {})", "return {data: {a: 1n}}", "let o = {}; o.o = o; return o",
        "return {errors: ['wrong port']}", "return {data: {a: 1}, errors: ['x'.repeat(1e4)]}", "return {errors: 'no'}",
        "return {data: {a: '\\ud800'}}", "return new Proxy({}, {get() { throw 1; }})", "x.y.z", "return ((",
    ],
)  # fmt: skip
def test_a_script_that_fails_gives_its_reason(box: Box, body: str) -> None:
    code, reason = box.refusal(body)
    assert code == "script_error"
    assert 10 < len(reason) < 450
    assert "\n" not in reason


def test_the_script_s_own_errors_are_told(box: Box) -> None:
    assert "wrong port" in box.refusal("return {errors: ['wrong port']}")[1]
    assert "no battery" in box.refusal("throw new Error('no battery')")[1]


def test_nothing_that_a_script_leaves_behind_meets_the_next_call(box: Box) -> None:
    source = """function decodeUplink(i) {
        globalThis.count = (globalThis.count || 0) + 1; Array.prototype.extra = 1; JSON.stringify = () => "no";
        module.exports.left = 1; Object.prototype.data = {evil: 1};
        return {data: {count: globalThis.count}}; }"""
    for _ in range(3):
        assert box.run(source) == {"data": {"count": 1}}
    assert "evil" not in str(box.refusal("return {};"))


@pytest.mark.parametrize(
    "name",
    ["require", "process", "std", "os", "setTimeout", "fetch", "XMLHttpRequest", "WebAssembly", "Worker", "load"],
)
def test_there_is_no_way_out(box: Box, name: str) -> None:
    assert box.uplink(f"return {{data: {{kind: typeof {name}}}}}") == {"data": {"kind": "undefined"}}


def test_modules_cannot_be_loaded(box: Box) -> None:
    out = box.uplink("let got = 'nothing'; import('os').then((m) => { got = m; }); return {data: {got}};")
    assert out == {"data": {"got": "nothing"}}


def test_numbers_that_json_does_not_have_are_null(box: Box) -> None:
    assert box.uplink("return {data: {a: NaN, b: 1 / 0, c: undefined}};") == {"data": {"a": None, "b": None}}


def test_a_script_that_is_changed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "LOOK_S", 0.0)
    path = tmp_path / "a.js"
    with Scripts([tmp_path]) as scripts:
        for number in (1, 2):
            path.write_text(f"function decodeUplink() {{ return {{data: {{n: {number}}}}}; }}")
            os.utime(path, ns=(number, number))
            assert scripts.run("a", b"", 1).data == {"n": number}
        path.unlink()
        with pytest.raises(ScriptError, match="there is no script 'a'"):
            scripts.run("a", b"", 1)


def test_the_deployment_s_folder_comes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "two/a.js").write_text("function Decoder() { return {n: 2}; }")
    with Scripts([tmp_path / "one", tmp_path / "two"]) as scripts:
        assert scripts.run("a.js", b"", 1).out == {"n": 2}
    (tmp_path / "one/a.js").write_text("function Decoder() { return {n: 1}; }")
    with Scripts([tmp_path / "one", tmp_path / "two"]) as scripts:
        assert scripts.run("a", b"", 1).out == {"n": 1}


@pytest.mark.parametrize("name", ["", "..", "../a", "/etc/passwd", "a\0", ".hidden", "nowhere", ".js"])
def test_a_name_never_leads_out_of_the_folders(box: Box, name: str) -> None:
    with pytest.raises(ScriptError) as told:
        box.scripts.run(name, b"", 1)
    assert told.value.code == "script"


def test_a_script_must_be_a_text_of_bounded_size_with_a_function(box: Box) -> None:
    for content in (b"\xff\xfe", b" " * (script.LARGEST_SCRIPT + 1), b"var x = 1;"):
        (box.folder / "odd.js").write_bytes(content)
        with Scripts([box.folder]) as scripts, pytest.raises(ScriptError) as told:
            scripts.run("odd", b"", 1)
        assert told.value.code == "script"


def test_a_frame_is_no_longer_than_lorawan_allows(box: Box) -> None:
    with pytest.raises(ScriptError, match="256 bytes"):
        box.run("function Decoder(b) { return {n: b.length}; }", bytes(256))
    assert box.run("function Decoder(b) { return {n: b.length}; }", bytes(255)) == {"n": 255}


def test_a_script_that_must_be_stopped_again_and_again_rests(tmp_path: Path) -> None:
    (tmp_path / "loop.js").write_text("function decodeUplink() { while (1) {} }")
    (tmp_path / "good.js").write_text("function decodeUplink() { return {data: {n: 1}}; }")
    with Scripts([tmp_path]) as scripts:
        codes = []
        for _ in range(script.OVERRUNS + 2):
            with pytest.raises(ScriptError) as told:
                scripts.run("loop", b"", 1)
            codes.append(told.value.code)
        assert codes == ["script_limit"] * script.OVERRUNS + ["script_rests"] * 2
        assert scripts.run("good", b"", 1).data == {"n": 1}


def test_a_child_that_was_killed_is_started_again(box: Box) -> None:
    assert box.uplink("return {data: {n: 1}};") == {"data": {"n": 1}}
    child = box.scripts._child
    assert child is not None
    child.kill()
    child.wait()
    assert box.uplink("return {data: {n: 2}};") == {"data": {"n": 2}}


def test_a_time_at_the_ends_of_the_calendar_is_given_as_it_is(box: Box) -> None:
    source = "function decodeUplink(i) { return {data: {y: i.recvTime.getUTCFullYear()}}; }"
    for year in (2, 1969, 9998):
        assert box.run(source, received_at=dt.datetime(year, 1, 1, tzinfo=dt.UTC)) == {"data": {"y": year}}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_text_as_a_script_ends_with_an_answer_or_a_reason(box: Box, source: str) -> None:
    name = "fuzz"
    (box.folder / f"{name}.js").write_text(source.encode("utf-8", "replace").decode(), "utf-8")
    box.scripts._sources.clear()
    with pytest.raises(ScriptError) as told:
        box.scripts.run(name, b"\x01", 1)
    assert told.value.trouble.code in ("script", "script_error", "script_limit")
