"""`ioc decode`: every codec by its name, one JSON object, and a reason when nothing is understood."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ioc.decode_cli import main
from sensors.codecs.table import NAMES, shipped_scripts
from tests.fakes.lorawan import DEPTH, chirpstack, example, tts

ROOT = Path(__file__).parents[3]
DEPTH_SCRIPT = str(shipped_scripts() / "water-pressure.js")


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Any:
    """Run the command with a payload as its file; returns exit code and object."""

    def running(words: str, payload: object = None) -> tuple[int, dict[str, Any]]:
        arguments = words.split()
        if payload is not None:
            path = tmp_path / "payload"
            path.write_bytes(payload if isinstance(payload, bytes) else json.dumps(payload).encode())
            arguments.append(str(path))
        ended = main(arguments)
        return ended, json.loads(capsysbinary.readouterr().out)

    return running


def test_the_default_codec_takes_any_number_and_any_date(run: Any) -> None:
    ended, told = run("--codec ioc", {"at": "1970-01-01T07:00:00+07:00", "run": "b", "seq": 3, "values": {"x": 1.5}})
    assert ended == 0
    assert told == {
        "readings": [
            {
                "device": "device",
                "at": "1970-01-01T00:00:00Z",
                "run": "b",
                "seq": 3,
                "values": {"x": 1.5},
                "quality": {"x": "good"},
                "unit": {},
            }
        ],
        "sightings": [],
        "decoded": None,
    }


@pytest.mark.parametrize("device", ["decentlab__dl-ctd10", "bosch__tps110-0292", "elsys__ers-sound", "dingtek__df702"])
def test_a_raw_frame_goes_through_the_script_and_its_output_is_unchanged(run: Any, device: str) -> None:
    names = {"dec": "water-pressure", "bos": "parking-spot", "els": "sound-level", "din": "waste-bin"}
    script = shipped_scripts() / f"{names[device[:3]]}.js"
    one = example(device)[0]
    ended, told = run(f"--codec lorawan-raw --script {script} --port {one['fPort']} --hex {one['hex']}")
    assert ended == 0
    assert told["decoded"] == one["expected"]


def test_a_script_s_errors_are_the_refusal_and_what_it_returned_is_shown(run: Any) -> None:
    ended, told = run(f"--codec lorawan-raw --script {DEPTH_SCRIPT} --hex 03")
    assert ended == 1
    assert told["refusal"]["code"] == "script_error"
    assert told["decoded"] == {"errors": ["the protocol's version is 3 and not 2"]}


def test_a_script_without_numbers_did_its_work_all_the_same(run: Any, tmp_path: Path) -> None:
    (tmp_path / "own.js").write_text("function decodeUplink() { return {data: {state: 'open'}}; }")
    ended, told = run(f"--codec lorawan-raw --script {tmp_path / 'own.js'} --hex 00")
    assert (ended, told["readings"], told["decoded"]) == (0, [], {"data": {"state": "open"}})


@pytest.mark.parametrize(("codec", "message"), [("lorawan-tts", tts), ("lorawan-chirpstack", chirpstack)])
def test_an_uplink_of_a_network_is_read_with_a_script_or_as_the_network_decoded_it(
    run: Any, codec: str, message: Any
) -> None:
    ended, told = run(f"--codec {codec} --script {DEPTH_SCRIPT}", message())
    (reading,) = told["readings"]
    assert (ended, reading["device"], reading["seq"]) == (0, "lora-water", 41)
    assert reading["values"]["water_depth.value"] == 4232
    member = "decoded_payload" if codec == "lorawan-tts" else "object"
    ended, told = run(f"--codec {codec}", message(**{member: {"tilt": 3, "deep": {"x": [1, True]}}}))
    assert told["readings"][0]["values"] == {"tilt": 3, "deep.x.0": 1, "deep.x.1": 1}
    assert told["decoded"] == {"tilt": 3, "deep": {"x": [1, True]}}
    ended, told = run(f"--codec {codec}", message())
    assert (ended, told["refusal"]["code"]) == (1, "no_script")


def test_numbers_of_any_size_are_printed_as_they_are(run: Any, tmp_path: Path) -> None:
    (tmp_path / "own.js").write_text("function Decoder() { return {a: 1e20, b: 2 ** 53, c: -0.1, d: 1e300}; }")
    ended, told = run(f"--codec lorawan-raw --script {tmp_path / 'own.js'} --hex 00")
    assert (ended, told["decoded"]) == (0, {"a": 10**20, "b": 2**53, "c": -0.1, "d": 1e300})


def test_a_senml_pack_is_resolved(run: Any) -> None:
    pack = [{"bn": "urn:dev:x:", "n": "voltage", "u": "V", "v": 120.1}, {"n": "current", "u": "A", "t": -1, "v": 1.2}]
    ended, told = run("--codec senml --now 2026-11-22T01:00:00Z", pack)
    assert ended == 0
    assert [(one["at"], one["values"], one["unit"]) for one in told["readings"]] == [
        ("2026-11-22T00:59:59Z", {"current": 1.2}, {"current": "A"}),
        ("2026-11-22T01:00:00Z", {"voltage": 120.1}, {"voltage": "V"}),
    ]
    assert told["decoded"][0] == {"n": "urn:dev:x:voltage", "t": 1795309200.0, "u": "V", "v": 120.1}


def test_what_is_half_understood_says_both(run: Any) -> None:
    ended, told = run("--codec senml", [{"n": "a", "v": 1}, {"n": "b", "vs": "x"}])
    assert ended == 0
    assert len(told["readings"]) == 1
    assert "record 1 of the pack" in told["refusal"]["reason"]


def test_a_mapping_uses_the_profile_that_is_asked_for(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = """[profile.tank]
name = "x"
name_en = "x"
codec = "mapping"
interval_s = 1
at = "t"
property.level = {name = "x", name_en = "x", unit = "m", min = 0, max = 1, path = "d.cm", scale = 0.01}
"""
    (tmp_path / "own.toml").write_text(own)
    monkeypatch.setenv("IOC_PROFILES", str(tmp_path / "own.toml"))
    ended, told = run("--codec mapping --profile tank", {"t": 1, "d": {"cm": 150}})
    (reading,) = told["readings"]
    assert (ended, reading["at"]) == (0, "1970-01-01T00:00:01Z")
    assert (reading["values"], reading["quality"], reading["unit"]) == (
        {"level": 1.5}, {"level": "implausible"}, {"level": "m"},
    )  # fmt: skip
    ended, told = run("--codec mapping --profile nowhere", {})
    assert (ended, told["refusal"]["code"]) == (1, "usage")
    assert run("--codec mapping", {"a": {"b": 1}})[1]["readings"][0]["values"] == {"a.b": 1}


@pytest.mark.parametrize("codec", [*NAMES, "onvif-ej", "frigate"])
@pytest.mark.parametrize("payload", [b"", b"\0", b"nope", b"[" * 9999, b"{}", b"\xff" * 300])
def test_nonsense_ends_with_a_refusal_for_every_codec(run: Any, codec: str, payload: bytes) -> None:
    ended, told = run(f"--codec {codec}", payload)
    assert ended == 1
    assert told["refusal"]["code"]
    assert told["refusal"]["reason"]


@pytest.mark.parametrize(
    "words", ["", "--codec x --hex 00", "--codec ioc", "--codec ioc --hex 0", "--codec ioc --hex 00 --now soon"]
)
def test_what_is_no_call_ends_with_the_usage(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert ended.value.code == 2
    assert "usage: ioc decode" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_told(run: Any) -> None:
    ended, told = run("--codec ioc /nowhere/payload")
    assert (ended, told["refusal"]["code"]) == (1, "usage")


def test_it_starts_without_the_tables_and_the_server() -> None:
    """Both take the better part of a second to load."""
    code = (
        "import sys, ioc.cli\n"
        "try: ioc.cli.main(['decode', '--codec', 'lorawan-raw', '--hex', '00'])\n"
        "except SystemExit as ended: print(ended.code)\n"
        "print([name for name in ('sqlalchemy', 'aiohttp', 'shapely', 'cv2') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-2:] == ["1", "[]"]


def test_the_bytes_of_a_frame_are_given_as_they_are(run: Any, tmp_path: Path) -> None:
    ended, told = run(f"--codec lorawan-raw --script {DEPTH_SCRIPT}", DEPTH)
    assert ended == 0
    assert told["decoded"]["data"]["device_id"] == 2009
