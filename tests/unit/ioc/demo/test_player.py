"""The player keeps the recorded order and distances, and comes again with a new run."""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.demo.player import payload, play, schedule, topic
from ioc.demo.recording import START, VIETNAM, Recorded, Recording, in_order

WALL = dt.datetime(2026, 11, 22, 8, 0, tzinfo=VIETNAM)


class Clock:
    """A clock that only waiting, and sending, moves on."""

    def __init__(self, sending_s: float = 0.0) -> None:
        self.seconds = 0.0
        self.sending_s = sending_s
        self.waits: list[float] = []
        self.sent: list[tuple[float, str, dict[str, Any]]] = []

    def now(self) -> dt.datetime:
        return WALL + dt.timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return 1000.0 + self.seconds

    async def wait(self, seconds: float) -> None:
        assert seconds > 0
        self.waits.append(seconds)
        self.seconds += seconds

    async def publish(self, where: str, message: bytes) -> None:
        self.sent.append((self.seconds, where, json.loads(message)))
        self.seconds += self.sending_s


def reading(device: str, minutes: float, *, derived: bool = False) -> Recorded:
    at = START + dt.timedelta(minutes=minutes)
    return Recorded(device=device, recorded_at=at, plays_at=at, values={"water_level": 1.5}, derived=derived)


RECORDING = Recording(
    readings=in_order([reading("gauge-a", -60), reading("gauge-b", 5), reading("gauge-a", 65, derived=True)])
)
CENTRES = {"gauge-a": "dai-loc", "gauge-b": "quang-nam"}


async def played(clock: Clock, **changed: Any) -> list[tuple[float, str, dict[str, Any]]]:
    settings: dict[str, Any] = {"recording": RECORDING, "centres": CENTRES, "run": "r", "rounds": 1} | changed
    await play(clock.publish, now=clock.now, monotonic=clock.monotonic, wait=clock.wait, **settings)
    return clock.sent


async def test_the_known_state_comes_at_once_and_the_rest_at_the_recorded_distance() -> None:
    sent = await played(Clock())
    assert [(seconds, where) for seconds, where, _ in sent] == [
        (0.0, "ioc/v1/dai-loc/gauge-a/readings"),
        (5.0, "ioc/v1/quang-nam/gauge-b/readings"),
        (65.0, "ioc/v1/dai-loc/gauge-a/readings"),
    ]


async def test_speed_shortens_the_distances() -> None:
    assert [seconds for seconds, _, _ in await played(Clock(), speed=600.0)] == [0.0, 0.5, 6.5]


async def test_a_message_carries_both_moments_and_only_derived_ones_say_so() -> None:
    first, _, last = (message for _, _, message in await played(Clock()))
    assert first == {
        "at": "2026-11-22T01:00:00.000Z",
        "run": "r-1",
        "seq": 1,
        "values": {"water_level": 1.5},
        "recorded_at": "2025-10-26T23:55:00+07:00",
        "status": "00",
    }
    assert last["derived"] is True
    assert last["at"] == "2026-11-22T01:01:05.000Z"


async def test_each_device_counts_for_itself_from_one() -> None:
    counted = [(where.split("/")[3], message["seq"]) for _, where, message in await played(Clock())]
    assert counted == [("gauge-a", 1), ("gauge-b", 1), ("gauge-a", 2)]


async def test_after_a_pause_it_comes_again_with_a_new_run_and_counts_anew() -> None:
    clock = Clock()
    sent = await played(clock, rounds=2)
    assert 120.0 in clock.waits
    assert [seconds for seconds, _, _ in sent][3:] == [185.0, 190.0, 250.0]
    assert [(message["run"], message["seq"]) for _, _, message in sent] == [
        ("r-1", 1),
        ("r-1", 1),
        ("r-1", 2),
        ("r-2", 1),
        ("r-2", 1),
        ("r-2", 2),
    ]


async def test_a_slow_wire_does_not_push_the_later_readings_back() -> None:
    clock = Clock(sending_s=20.0)
    assert [seconds for seconds, _, _ in await played(clock)] == [0.0, 20.0, 65.0]


async def test_a_device_without_a_centre_stops_the_player_before_it_publishes() -> None:
    clock = Clock()
    with pytest.raises(KeyError, match="gauge-b"):
        await played(clock, centres={"gauge-a": "dai-loc"})
    assert clock.sent == []


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_speed_that_is_not_above_zero_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        schedule(RECORDING, speed)


@given(
    minutes=st.lists(st.floats(-600, 6000, allow_nan=False), max_size=20),
    speed=st.floats(0.01, 10_000, allow_nan=False),
)
def test_steps_never_go_back_in_time(minutes: list[float], speed: float) -> None:
    recording = Recording(readings=in_order(reading("gauge-a", each) for each in minutes))
    steps = schedule(recording, speed)
    after = [step.after_s for step in steps]
    assert after == sorted(after)
    assert all(value >= 0 for value in after)
    assert len(steps) == sum(r.plays_at >= START for r in recording.played()) + len(recording.opening())


def test_topic_and_payload_keep_to_the_contract() -> None:
    assert topic("dai-loc", "gauge-ai-nghia") == "ioc/v1/dai-loc/gauge-ai-nghia/readings"
    at = dt.datetime(2026, 11, 22, 8, 2, 3, 456_789, tzinfo=VIETNAM)
    assert json.loads(payload(reading("gauge-a", 0), at=at, run="b7", sequence=9))["at"] == "2026-11-22T01:02:03.456Z"
