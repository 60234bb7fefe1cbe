"""`ioc decode` of other makers' cameras: what a technician with a file of either form sees."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ioc.decode_cli import main
from tests.fakes.eyes import OBJECT, ej, frigate, pulled, walk, xml

MOTION = "tns1:VideoSource/MotionAlarm"


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Any:
    """Run the command with a payload as its file; returns exit code and object."""

    def running(words: list[str], payload: object) -> tuple[int, dict[str, Any]]:
        path = tmp_path / "payload"
        path.write_bytes(payload if isinstance(payload, bytes) else json.dumps(payload).encode())
        ended = main([*words, str(path)])
        return ended, json.loads(capsysbinary.readouterr().out)

    return running


def test_one_frigate_message_is_told_as_the_sightings_that_it_is(run: Any) -> None:
    ended, told = run(["--codec", "frigate"], frigate("update", {}, current_zones=["yard"], entered_zones=["yard"]))
    assert ended == 0
    assert told["readings"] == []
    life, zone = told["sightings"]
    assert life == {
        "camera": "front-door", "at": "2026-11-22T00:58:20Z", "since": "2026-11-22T00:58:10Z", "id": life["id"],
        "kind": "object_detected", "phase": "update", "subject": "", "direction": "", "object_class": "person",
        "track": OBJECT["id"], "box": [0.25, 0.25, 0.125, 0.5], "score": 0.86,
    }  # fmt: skip
    assert (zone["kind"], zone["phase"], zone["subject"]) == ("zone_entered", "moment", "yard")
    assert told["decoded"]["camera"] == "Front_Door"
    assert "refusal" not in told


def test_a_file_of_many_messages_is_read_in_one_go(run: Any) -> None:
    ended, told = run(["--codec", "frigate"], walk())
    assert ended == 0
    lives = {one["id"] for one in told["sightings"] if one["kind"] == "object_detected"}
    assert len(lives) == 1
    ended, told = run(["--codec", "onvif-ej"], pulled(
        xml(MOTION, {"State": "true"}, at="2019-01-01T00:00:00Z"),
        xml(MOTION, {"State": "false"}, at="2019-01-01T00:00:05Z"),
    ))  # fmt: skip
    assert ended == 0
    assert [one["phase"] for one in told["sightings"]] == ["start", "end"]
    assert len({one["id"] for one in told["sightings"]}) == 1
    assert [one["topic"] for one in told["decoded"]] == ["VideoSource/MotionAlarm"] * 2


def test_json_is_read_with_its_topic_and_without(run: Any) -> None:
    payload = ej({"ObjectId": "15"}, Rule="Fence")
    topic = "MyDevice/onvif-ej/RuleEngine/FieldDetector/ObjectsInside/&1"
    assert run(["--codec", "onvif-ej"], payload)[1]["sightings"][0]["kind"] == "line_crossed"
    assert run(["--codec", "onvif-ej", "--topic", topic], payload)[1]["sightings"][0]["kind"] == "zone_presence"


def test_a_state_is_no_sighting_and_no_refusal(run: Any) -> None:
    ended, told = run(["--codec", "onvif-ej"], xml("a/TamperDetector/Tamper", {"IsTamper": "true"}).encode())
    assert (ended, told["sightings"]) == (0, [])
    assert [(one["camera"], one["state"]) for one in told["states"]] == [("camera", "covered")]
    ended, told = run(["--codec", "onvif-ej"], xml(MOTION, {"State": "1"}, operation="Initialized").encode())
    assert (ended, told["sightings"], told["counted"]) == (0, [], "onvif_initialized")


@pytest.mark.parametrize(
    ("codec", "payload", "code"),
    [
        ("frigate", {"type": "description", "id": "1"}, "not_kept"),
        ("frigate", {"type": "new", "after": {}}, "schema"),
        ("onvif-ej", b"<GetProfilesResponse/>", "schema"),
        ("onvif-ej", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "not_xml"),
    ],
)
def test_what_is_refused_says_why(run: Any, codec: str, payload: object, code: str) -> None:
    ended, told = run(["--codec", codec], payload)
    assert ended == 1
    assert told["refusal"]["code"] == code


def test_neither_database_nor_opencv_is_loaded_for_it(tmp_path: Path) -> None:
    path = tmp_path / "payload"
    path.write_text(json.dumps(frigate("new", {})))
    program = (
        "import sys; from ioc.decode_cli import main; main(['--codec', 'frigate', sys.argv[1]]); "
        "print([name for name in ('cv2', 'asyncpg', 'sqlalchemy', 'av') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
