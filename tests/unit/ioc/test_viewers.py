"""One who reads slowly costs nobody else anything."""

import asyncio

import pytest

from ioc import viewers
from ioc.viewers import Channel, Viewer


async def taken(viewer: Viewer) -> bytes:
    """All that waits."""
    found = b""
    while body := await viewer.take(0.0):
        found += body
    return found


def channel() -> Channel:
    """A camera with a stream."""
    made = Channel(masked=False, at=0.0)
    made.begin("avc1.64001F", b"INIT ")
    return made


async def test_who_comes_begins_at_the_running_group() -> None:
    shown = channel()
    for number in range(5):
        shown.add(f"{number} ".encode(), key=number in (0, 3))
    with shown.watched(lambda: 9.0) as viewer:
        assert await taken(viewer) == b"INIT 3 4 "
        shown.add(b"5 ", key=False)
        assert await taken(viewer) == b"5 "
    assert (shown.viewers, shown.left_at) == (set(), 9.0)


async def test_a_viewer_that_reads_nothing_holds_a_bound_and_goes_on_at_a_key_frame() -> None:
    slow, quick = Viewer(most=1000), Viewer(most=1000)
    slow.begin(b"I")
    quick.begin(b"I")
    most, got = 0, b""
    for number in range(1000):
        for viewer in (slow, quick):
            viewer.add(b"%03d" % number, key=number % 100 == 0)
        got += await taken(quick)
        most = max(most, slow.held)
    assert most <= 1000
    assert got == b"I" + b"".join(b"%03d" % number for number in range(1000))
    assert quick.skipped == 0
    rest = await taken(slow)
    assert int(rest[:3]) % 100 == 0
    assert rest.endswith(b"999")
    assert slow.skipped > 500


async def test_a_picture_before_any_key_frame_is_no_beginning() -> None:
    viewer = Viewer()
    viewer.begin(b"I")
    viewer.add(b"delta", key=False)
    viewer.add(b"key", key=True)
    assert await taken(viewer) == b"Ikey"


async def test_a_stream_that_begins_anew_drops_what_waits_of_the_old_one() -> None:
    shown = channel()
    with shown.watched(lambda: 0.0) as viewer:
        shown.add(b"old", key=True)
        shown.begin("avc1.42C01E", b"NEW ")
        shown.add(b"delta", key=False)
        shown.add(b"key", key=True)
        assert await taken(viewer) == b"NEW key"


def test_a_stream_that_is_asked_for_again_begins_after_what_was_shown() -> None:
    made = channel()
    assert made.begins(100.0) == 0
    for media in (90_000, 180_000, 120_000):
        made.came(media, 10.0)
    assert made.begins(9.0) == 180_000
    assert made.begins(12.5) == 180_000 + 225_000


async def test_a_group_over_the_bound_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewers, "GROUP_BYTES", 10)
    shown = channel()
    shown.add(b"k" * 8, key=True)
    shown.add(b"d" * 8, key=False)
    shown.add(b"d", key=False)
    with shown.watched(lambda: 0.0) as viewer:
        assert await taken(viewer) == b"INIT "


async def test_who_waits_is_told_of_the_first_picture_or_why_there_is_none() -> None:
    shown = Channel(masked=False, at=0.0)
    assert await shown.started(0.01) == "silent"
    async with asyncio.TaskGroup() as tasks:
        waits = tasks.create_task(shown.started(5.0), name="waits")
        await asyncio.sleep(0)
        shown.begin("avc1.64001F", b"I")
    assert waits.result() == ""
    shown.unable("codec")
    assert await shown.started(0.01) == "codec"
