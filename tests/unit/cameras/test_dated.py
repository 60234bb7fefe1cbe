"""A worker's report becomes a sighting."""

import datetime as dt

from cameras.camera import Address, Camera
from cameras.dated import dated
from cameras.wire import Saw

AT = dt.datetime(2026, 11, 25, 10, 0, tzinfo=dt.UTC)
CAMERA = Camera(code="cam-a", centre="quang-nam", address=Address("rtsp://127.0.0.1/x"), scene="street")


def test_it_keeps_what_was_seen_and_when_it_began() -> None:
    saw = Saw(
        camera="cam-a", sequence=7, kind="stopped", subject="road", direction="", track="3", box=(0.1, 0.2, 0.3, 0.4),
        jpeg=None, phase="update", number=2, lasted_s=12.0, speed_kmh=0.5,
    )  # fmt: skip
    seen = dated(CAMERA, saw, AT, "r1", "c1")
    assert (seen.stamp.source, seen.stamp.run, seen.stamp.sequence, seen.stamp.at) == ("cam-a", "r1", 7, AT)
    assert (seen.phase, seen.since, seen.speed_kmh, seen.clip) == ("update", AT - dt.timedelta(seconds=12), 0.5, "c1")
    assert (seen.stamp.position, seen.error_m) == (None, None)
