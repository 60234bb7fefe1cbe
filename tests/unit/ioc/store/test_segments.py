"""What was synced is found again after any end of the process, the machine or the disk (promises S7 and S8)."""

import datetime as dt
import errno
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ioc.store.records import HEADS, OVERHEAD
from ioc.store.segments import SMALLEST, Disk, Segments, SpoolError
from tests.fakes.disk import FailingDisk, RecordingDisk
from tests.fakes.things import NOW

LIMIT = 2**20


def opened(folder: Path, *, limit: int = LIMIT, disk: Disk | None = None) -> Segments:
    segments = Segments(folder / "s", limit, disk=disk)
    segments.open()
    return segments


def add(segments: Segments, *payloads: bytes) -> None:
    for payload in payloads:
        segments.append(payload, 1, NOW)


def waiting(segments: Segments) -> list[bytes]:
    """All that waits, taken out."""
    found: list[bytes] = []
    while (head := segments.head(2)) is not None:
        found += [piece.payload or b"" for piece in head.pieces]
        segments.drop(head)
    return found


def files(folder: Path) -> list[Path]:
    return sorted((folder / "s").glob("*.seg"))


def test_records_come_out_in_their_order_and_leave_nothing_behind(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    add(segments, b"1", b"2", b"3")
    assert (segments.batches, segments.messages, segments.size) == (3, 3, HEADS + 3 * (OVERHEAD + 1))
    assert waiting(segments) == [b"1", b"2", b"3"]
    assert (segments.batches, segments.size, files(tmp_path)) == (0, 0, [])


def test_a_head_ends_with_the_batch_that_brings_it_over_its_messages(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    for number in (3, 4, 5):
        segments.append(b"x", number, NOW)
    assert [piece.messages for piece in (segments.head(9, 7) or pytest.fail("nothing")).pieces] == [3, 4]


def test_what_was_taken_and_not_dropped_comes_again(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    add(segments, b"1", b"2")
    assert [piece.payload for piece in (segments.head(1) or pytest.fail("nothing")).pieces] == [b"1"]
    assert waiting(segments) == [b"1", b"2"]


def test_taking_and_adding_may_alternate_over_many_segments(tmp_path: Path) -> None:
    segments = opened(tmp_path, limit=SMALLEST * 8)
    wanted, found = [bytes([number]) * 20_000 for number in range(20)], []
    for number, payload in enumerate(wanted):
        add(segments, payload)
        if number % 2 and (head := segments.head(1)) is not None:
            found += [piece.payload for piece in head.pieces]
            segments.drop(head)
    assert len(files(tmp_path)) > 2
    assert found + waiting(segments) == wanted


def test_a_thousand_openings_wipe_nothing(tmp_path: Path) -> None:
    add(opened(tmp_path), b"kept")
    for _ in range(1000):
        opened(tmp_path).close()
    assert waiting(opened(tmp_path)) == [b"kept"]


def test_a_new_process_never_writes_to_an_old_file(tmp_path: Path) -> None:
    add(opened(tmp_path), b"1")
    (old,) = files(tmp_path)
    before = old.read_bytes()
    add(opened(tmp_path), b"2")
    assert old.read_bytes() == before
    assert waiting(opened(tmp_path)) == [b"1", b"2"]


def test_a_full_spool_refuses_and_takes_again_when_there_is_room(tmp_path: Path) -> None:
    segments = opened(tmp_path, limit=SMALLEST * 2)
    with pytest.raises(SpoolError) as full:
        add(segments, *[bytes(10_000)] * 20)
    assert full.value.code == "spool_full"
    assert segments.size <= segments.limit
    assert len(waiting(segments)) == 13
    add(segments, bytes(10_000))


def test_a_failed_fsync_is_never_tried_again_on_its_file(tmp_path: Path) -> None:
    disk = FailingDisk()
    segments = opened(tmp_path, disk=disk)
    add(segments, b"1")
    (first,) = files(tmp_path)
    disk.sync_error = errno.EIO
    for code in ("fsync_failed", "fsync_failed"):
        with pytest.raises(SpoolError) as failed:
            add(segments, b"2")
        assert failed.value.code == code
    assert disk.synced == [first.name, first.name, "probe"]
    disk.sync_error = 0
    add(segments, b"2")
    assert disk.synced[3:] == ["probe", "000000000002.seg"]
    assert segments.sync_failures == 1
    assert waiting(opened(tmp_path)) == [b"1", b"2"]


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_write_that_fails_halfway_leaves_nothing_of_its_record(tmp_path: Path, error: int) -> None:
    disk = FailingDisk()
    segments = opened(tmp_path, disk=disk)
    add(segments, b"1")
    disk.write_error = error
    for _ in range(3):
        with pytest.raises(SpoolError) as full:
            add(segments, b"2")
        assert full.value.code == ("disk_error" if error == errno.EIO else "disk_full")
    assert files(tmp_path)[0].stat().st_size == HEADS + OVERHEAD + 1
    disk.write_error = 0
    add(segments, b"3")
    assert waiting(opened(tmp_path)) == [b"1", b"3"]
    assert opened(tmp_path).cut == 0


def test_a_damaged_record_is_set_aside_whole_and_its_neighbours_live(tmp_path: Path) -> None:
    add(opened(tmp_path), b"first", b"second", b"third")
    (path,) = files(tmp_path)
    data = bytearray(path.read_bytes())
    data[data.index(b"second")] ^= 1
    path.write_bytes(data)
    for _ in range(2):
        segments = opened(tmp_path)
        assert (segments.batches, segments.damaged, segments.cut) == (2, 1, 0)
    assert waiting(segments) == [b"first", b"third"]
    (aside,) = (tmp_path / "s/damaged").iterdir()
    assert aside.read_bytes() == data[HEADS + OVERHEAD + 5 : HEADS + 2 * OVERHEAD + 11]
    assert (opened(tmp_path).damaged, files(tmp_path)) == (1, [])


def test_a_record_damaged_after_it_was_found_good_does_not_stop_the_rest(tmp_path: Path) -> None:
    add(opened(tmp_path), b"first", b"second")
    add(opened(tmp_path), b"third")
    segments = opened(tmp_path)
    for path, payload in zip(files(tmp_path), (b"second", b"third"), strict=True):
        data = bytearray(path.read_bytes())
        data[data.index(payload)] ^= 1
        path.write_bytes(data)
    assert waiting(segments) == [b"first"]
    assert (segments.batches, segments.messages, segments.damaged, files(tmp_path)) == (0, 0, 2, [])


def test_a_segment_whose_heads_are_both_damaged_is_kept_aside(tmp_path: Path) -> None:
    add(opened(tmp_path), b"1")
    (path,) = files(tmp_path)
    data = bytearray(path.read_bytes())
    data[3] ^= 1
    data[HEADS // 2 + 3] ^= 1
    path.write_bytes(data)
    segments = opened(tmp_path)
    assert (segments.batches, segments.damaged) == (0, 1)
    assert (tmp_path / "s/damaged" / path.name).read_bytes() == data
    add(segments, b"2")
    assert files(tmp_path)[0].name > path.name


def crashed(steps: list[tuple[str, str, bytes]], at: int, tail: int) -> tuple[dict[str, bytes], int]:
    """Files after a power cut behind step `at`, with `tail` bytes of what was not synced; and how many were synced."""
    now: dict[str, bytes] = {}
    held: dict[str, int] = {}
    records = 0
    for what, name, data in steps[:at]:
        if what == "create":
            now[name], held[name] = b"", 0
        elif what == "write":
            now[name] += data
        else:
            held[name] = len(now[name])
            records += name.endswith(".seg")
    return {name: data[: held[name] + tail] for name, data in now.items()}, records


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(min_size=1, max_size=9_000), min_size=1, max_size=20), st.data())
def test_after_a_power_cut_at_any_moment_all_that_was_synced_is_there(
    payloads: list[bytes], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        disk = RecordingDisk()
        add(opened(Path(one), disk=disk), *payloads)
        at = data.draw(st.integers(0, len(disk.steps)))
        left, synced = crashed(disk.steps, at, data.draw(st.sampled_from([0, 1, 27, 28, 29, 60, 4_000, 10**6])))
        (Path(two) / "s").mkdir()
        for name, content in left.items():
            (Path(two) / "s" / name).write_bytes(content)
        again = opened(Path(two))
        assert again.damaged == 0
        found = waiting(again)
        assert found == payloads[: len(found)]
        assert synced <= len(found) <= synced + 1  # the last may have been whole without having been synced


def test_the_oldest_moment_is_told(tmp_path: Path) -> None:
    segments = opened(tmp_path)
    for minutes in (0, 1, 2):
        segments.append(b"x", 1, NOW + dt.timedelta(minutes=minutes))
    assert segments.oldest_at == NOW
    assert opened(tmp_path).oldest_at == NOW
    segments.drop(segments.head(2) or pytest.fail("nothing"))
    assert segments.oldest_at == NOW + dt.timedelta(minutes=1)
