"""What the routes about silences take."""

import msgspec
import pytest

from gis.layers import SEVERITIES
from ioc.api.models_silences import NewSilence, Severity

UNTIL = '"reason": "r", "until": "2026-11-26T00:00:00Z"'


def test_severities_are_those_of_the_layers() -> None:
    assert Severity.__args__ == SEVERITIES


def test_an_extreme_alarm_is_not_meant_unless_it_is_said() -> None:
    made = msgspec.json.decode(f"{{{UNTIL}}}", type=NewSilence)
    assert (made.worst, made.starts, made.recurs, made.sources) == ("severe", None, None, [])
    said = msgspec.json.decode(f'{{{UNTIL}, "from": "2026-11-25T00:00:00+07:00", "worst": "extreme"}}', type=NewSilence)
    assert said.worst == "extreme"
    assert said.starts is not None


@pytest.mark.parametrize(
    "more",
    [
        '"until": "2026-11-26T00:00:00"',
        '"reason": ""',
        '"worst": "bad"',
        '"rules": ["no-pack"]',
        '"rules": ["a/b@x"]',
        '"sources": [""]',
        '"starts": "2026-11-26T00:00:00Z"',
        '"recurs": {"start": "22:00", "end": "5:00"}',
        '"recurs": {"start": "24:00", "end": "05:00"}',
        '"recurs": {"start": "22:00", "end": "05:00", "days": [0]}',
        '"recurs": {"start": "22:00"}',
    ],
)
def test_what_is_no_silence_is_refused(more: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(f"{{{UNTIL}, {more}}}", type=NewSilence)


def test_an_end_is_mandatory() -> None:
    with pytest.raises(msgspec.ValidationError, match="until"):
        msgspec.json.decode(b'{"reason": "r", "sources": ["a"]}', type=NewSilence)
