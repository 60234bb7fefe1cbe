"""A small disk is full at its byte, room comes back, and an fsync fails when it is told to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.instruments import disk
from tests.instruments.disk import SmallDisks

MB = 1024 * 1024

no_disk, no_compiler = disk.why_no_small_disk(), disk.why_no_failing_fsync()


def run(argv: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(argv, capture_output=True, text=True, check=False, cwd="/")


@pytest.mark.skipif(bool(no_disk), reason=f"not tried: {no_disk}")
async def test_a_small_disk_fills_up_and_gets_room_again(short_folder: Path) -> None:
    small, outside = short_folder / "small", short_folder / "outside"
    small.mkdir()
    (small / "there").write_text("already")
    disks = SmallDisks({small: MB}, short_folder / "disks.log")
    try:
        await disks.mounted()
        assert (disks.inside(small) / "there").read_text() == "already"
        ballast = disks.fill(small)
        program = f"import pathlib; pathlib.Path({str(small / 'more')!r}).write_text('more'); print('ok')"
        writes = [*disks.enter(), sys.executable, "-c", program]
        full = run(writes)
        assert full.returncode != 0
        assert "No space left" in full.stderr
        ballast.unlink()
        again = run(writes)
        assert again.stdout == "ok\n", again.stderr
        assert disks.free(small) > MB / 2
    finally:
        disks.close()
    assert not outside.exists()
    assert not (small / "more").exists()
    assert (small / "there").read_text() == "already"


@pytest.mark.skipif(bool(no_disk), reason=f"not tried: {no_disk}")
async def test_so_many_bytes_are_left(short_folder: Path) -> None:
    disks = SmallDisks({short_folder: MB}, Path("/dev/shm") / f"disks-{os.getpid()}.log")
    try:
        await disks.mounted()
        disks.fill(short_folder, leave=100_000)
        assert 30_000 < disks.free(short_folder) <= 100_000
    finally:
        disks.close()
        (Path("/dev/shm") / f"disks-{os.getpid()}.log").unlink()


SYNCS = """
import os, sys
file = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
for number in range(6):
    os.write(file, b"x")
    try:
        (os.fsync if number % 2 else os.fdatasync)(file)
        print(number, "ok")
    except OSError as error:
        print(number, error.errno)
"""


@pytest.mark.skipif(bool(no_compiler), reason=f"not tried: {no_compiler}")
@pytest.mark.parametrize(("at", "times", "failing"), [(1, 1, {0}), (3, 1, {2}), (2, 3, {1, 2, 3}), (9, 1, set())])
def test_the_nth_fsync_fails(short_folder: Path, at: int, times: int, failing: set[int]) -> None:
    library, trace = disk.failing_fsync(short_folder), short_folder / "trace"
    environment = {**os.environ, **disk.preload(library, "/wanted", at, trace, times)}
    for name, wanted in (("other", set()), ("wanted", failing)):
        program = [sys.executable, "-c", SYNCS, str(short_folder / name)]
        said = subprocess.run(program, env=environment, capture_output=True, text=True, check=True).stdout
        assert said.splitlines() == [f"{number} {5 if number in wanted else 'ok'}" for number in range(6)]
    assert trace.stat().st_size == len(failing)


@pytest.mark.skipif(bool(no_compiler), reason=f"not tried: {no_compiler}")
def test_failures_are_counted_over_all_processes(short_folder: Path) -> None:
    library, trace = disk.failing_fsync(short_folder), short_folder / "trace"
    environment = {**os.environ, **disk.preload(library, "/wanted", 1, trace, 2)}
    program = [sys.executable, "-c", SYNCS, str(short_folder / "wanted")]
    said = [
        subprocess.run(program, env=environment, capture_output=True, text=True, check=True).stdout for _ in range(2)
    ]
    assert said[0].splitlines()[:3] == ["0 5", "1 5", "2 ok"]
    assert said[1].splitlines()[0] == "0 ok"
