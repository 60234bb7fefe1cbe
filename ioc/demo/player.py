"""Plays a recording as if its devices published now; the clock and the wire are handed in.

A round: what was known before the start at once, then every reading at its place on the recorded clock,
`speed` times as fast; at the end the flood clears; after a pause the next round begins with a new run.
"""

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping

import msgspec
import orjson

from ioc.demo.recording import Recorded, Recording
from sensors.topics import topic_of

Publish = Callable[[str, bytes], Awaitable[None]]
"""Sends a payload to a topic; returns when the next may be sent."""

SPEED = 60.0
"""Recorded seconds a second: a recorded hour a minute."""

PAUSE_S = 120.0
"""Seconds on the wall clock between two rounds; the speed does not touch it."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A reading and the seconds on the wall clock after the start of the round when it is published."""

    after_s: float
    reading: Recorded


def schedule(recording: Recording, speed: float) -> tuple[Step, ...]:
    """The steps of one round, in order. Raises ValueError for a speed that is not above zero."""
    if not speed > 0:
        raise ValueError(f"the speed of the demo must be above 0, not {speed}: 60 plays an hour a minute")
    opening = [Step(after_s=0.0, reading=reading) for reading in recording.opening()]
    played = [
        Step(after_s=(reading.plays_at - recording.start).total_seconds() / speed, reading=reading)
        for reading in recording.played()
    ]
    return (*opening, *played)


def topic(centre: str, device: str) -> str:
    """Where a device's readings go."""
    return topic_of(centre, device, "readings")


def payload(reading: Recorded, *, at: dt.datetime, run: str, sequence: int) -> bytes:
    """The reading in the default codec. `at`, aware, is the moment of publishing."""
    moment = at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message: dict[str, object] = {
        "at": moment,
        "run": run,
        "seq": sequence,
        "values": reading.values,
        "recorded_at": reading.recorded_at.isoformat(),
        "status": "00",
    }
    if reading.derived:
        message["derived"] = True
    return orjson.dumps(message)


async def play(
    publish: Publish,
    *,
    recording: Recording,
    centres: Mapping[str, str],
    run: str,
    now: Callable[[], dt.datetime],
    monotonic: Callable[[], float],
    wait: Callable[[float], Awaitable[None]],
    speed: float = SPEED,
    pause_s: float = PAUSE_S,
    rounds: int | None = None,
) -> None:
    """Plays round after round until cancelled, or so many rounds.

    `centres` maps each device to its centre; a device that is not in it raises KeyError before anything is
    published. `run` must be new at each start of the player: round n publishes as `<run>-<n>`, counted
    from 1. `now` gives aware wall time, `monotonic` seconds; `wait` sleeps so many seconds. A late step is
    published at once and does not delay the later ones. What `publish` raises ends the playing.
    """
    steps = schedule(recording, speed)
    topics = {device: topic(centres[device], device) for device in sorted({step.reading.device for step in steps})}
    for number in _numbers(rounds):
        if number > 1:
            await wait(pause_s)
        begun, sequences = monotonic(), Counter[str]()
        for step in steps:
            ahead = begun + step.after_s - monotonic()
            if ahead > 0:
                await wait(ahead)
            device = step.reading.device
            sequences[device] += 1
            message = payload(step.reading, at=now(), run=f"{run}-{number}", sequence=sequences[device])
            await publish(topics[device], message)


def _numbers(rounds: int | None) -> Iterator[int]:
    return itertools.count(1) if rounds is None else iter(range(1, rounds + 1))
