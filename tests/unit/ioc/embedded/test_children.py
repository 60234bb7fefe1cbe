"""Children: their logs, their deaths, their end within the time given."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ioc.embedded.children import Children, Death, Manner, tail, trim
from ioc.embedded.errors import SetupError

PATIENT = "import time; print('up', flush=True); time.sleep(600)"
# A shell that starts something in the background has it ignore Ctrl-C, and so do the tests' children then.
HEARING = f"import signal; signal.signal(2, signal.default_int_handler); {PATIENT}"
STUBBORN = f"import signal; [signal.signal(n, signal.SIG_IGN) for n in (2, 15)]; {PATIENT}"
PARENT = """
import asyncio, pathlib, sys
from ioc.embedded.children import Children
async def main():
    async with Children(pathlib.Path(sys.argv[1])) as children:
        child = await children.spawn("child", [sys.executable, "-c", "import time; time.sleep(600)"])
        print(child.pid, flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


async def up(log: Path) -> None:
    """Wait until the child has said that it is up."""
    async with asyncio.timeout(10):
        while "up" not in tail(log):
            await asyncio.sleep(0.01)


async def test_an_unexpected_end_is_told_with_its_last_line_and_an_expected_one_is_not(
    tmp_path: Path,
) -> None:
    """Name, exit and message; what we ended ourselves is no death."""
    async with Children(tmp_path) as children:
        calm = await children.spawn("calm", [sys.executable, "-c", PATIENT])
        await children.end(calm)
        assert calm.code == -signal.SIGTERM
        await children.spawn("clumsy", [sys.executable, "-c", "print('a\\nthe disk is wet\\n'); raise SystemExit(3)"])
        async with asyncio.timeout(10):
            death = await children.first_death()
    assert death == Death(name="clumsy", code=3, last_line="the disk is wet")
    assert str(death) == "clumsy ended with exit code 3: the disk is wet"
    assert str(Death(name="x", code=-9, last_line="an hour ago")) == "x ended by signal SIGKILL"
    assert str(Death(name="x", code=-6, last_line="")) == "x ended by signal SIGABRT: it left no message"


async def test_all_end_in_reverse_order_and_a_stubborn_one_is_killed_in_time(tmp_path: Path) -> None:
    """The first child is asked last, and keeps the time it needs."""
    order = []
    children = Children(tmp_path)
    first = await children.spawn(
        "first", [sys.executable, "-c", HEARING], manner=Manner(stop=signal.SIGINT, reserve_s=5.0)
    )
    others = [await children.spawn(f"child-{n}", [sys.executable, "-c", STUBBORN]) for n in range(3)]
    for child in (first, *others):
        await up(child.log)
        original = child.end

        async def recorded(patience_s: float, name: str = child.name, end=original) -> None:  # type: ignore[no-untyped-def]
            order.append(name)
            await end(patience_s)

        child.end = recorded  # type: ignore[method-assign]
    began = time.monotonic()
    await children.stop(within_s=8.0)
    assert time.monotonic() - began < 10.0
    assert order == ["child-2", "child-1", "child-0", "first"]
    assert [child.code for child in others] == [-signal.SIGKILL] * 3
    assert first.code in (-signal.SIGINT, 1)


async def test_a_signal_to_our_group_does_not_reach_a_child_with_its_own_session(tmp_path: Path) -> None:
    """So that the database outlives Ctrl-C until the service has drained."""
    async with Children(tmp_path) as children:
        child = await children.spawn("apart", [sys.executable, "-c", PATIENT])
        near = await children.spawn("near", [sys.executable, "-c", PATIENT], manner=Manner(own_session=False))
        assert os.getpgid(child.pid) == child.pid
        assert os.getpgid(near.pid) == os.getpgrp()


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    """kill -9 of the parent leaves nothing."""
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = Path(f"/proc/{int(parent.stdout.readline())}")
        parent.kill()
    deadline = time.monotonic() + 10
    while (child / "cmdline").exists() and (child / "cmdline").read_bytes():
        assert time.monotonic() < deadline, "the child lives on"


async def test_a_missing_program_is_one_sentence(tmp_path: Path) -> None:
    """It names the path and what installs it."""
    async with Children(tmp_path) as children:
        with pytest.raises(SetupError, match=r"/no/such/program is missing: run \./run"):
            await children.spawn("none", ["/no/such/program"])


async def test_the_environment_given_is_the_whole_environment(tmp_path: Path) -> None:
    """Nothing of ours leaks into it."""
    async with Children(tmp_path) as children:
        child = await children.spawn("env", ["/usr/bin/env"], {"ONLY": "this"})
        assert await child.wait() == 0
        assert child.log.read_text() == "ONLY=this\n"
        child.expected = True


async def test_what_a_child_says_goes_through_its_sieve_and_its_errors_do_not(tmp_path: Path) -> None:
    """Its last words too, and also when a grandchild keeps the pipe open."""
    said = "import sys; print('a 1\\nb 2\\na 3'); sys.stderr.write('a 4\\n'); sys.stdout.write('b 5')"
    holding = f"import subprocess; subprocess.Popen(['sleep', '600']); {said}"
    manner = Manner(sieve=("/usr/bin/grep", "-v", "^a"))
    async with Children(tmp_path) as children:
        for program in (said, holding):
            child = await children.spawn("talker", [sys.executable, "-c", program], manner=manner)
            assert await child.wait() == 0
            began = time.monotonic()
            await children.end(child)
            assert time.monotonic() - began < 5
            assert child.sieve is not None
            assert child.sieve.returncode in (0, -signal.SIGKILL)
            if program == said:
                assert sorted(child.log.read_text().split("\n")) == ["", "a 4", "b 2", "b 5"]
            child.kill()  # the grandchild, which is of its session
        with pytest.raises(SetupError, match="/no/such/program is missing"):
            await children.spawn("none", ["/no/such/program"], manner=manner)
        with pytest.raises(SetupError, match="is missing"):
            await children.spawn("none", ["/usr/bin/env"], manner=Manner(sieve=("/no/such/sieve",)))


async def test_a_sieve_that_died_is_started_again_and_that_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What the child said while there was none is not lost."""
    program = "import sys\nfor line in open(sys.argv[1]): print(line, end='', flush=True)"
    os.mkfifo(tmp_path / "words")
    argv = [sys.executable, "-c", program, str(tmp_path / "words")]
    async with Children(tmp_path) as children, asyncio.TaskGroup() as tasks:
        child = await children.spawn("talker", argv, manner=Manner(sieve=("/usr/bin/grep", "--line-buffered", "b")))
        words = os.fdopen(await asyncio.to_thread(os.open, tmp_path / "words", os.O_WRONLY), "w", buffering=1)
        for turn in range(2):
            sieve = child.sieve
            assert sieve is not None
            os.kill(sieve.pid, signal.SIGKILL)
            await sieve.wait()
            words.write(f"a {turn}\nb {turn}\n")
            watching = tasks.create_task(children.first_death(), name="first death")
            async with asyncio.timeout(10):
                while child.sieve is sieve or f"b {turn}\n" not in tail(child.log):
                    await asyncio.sleep(0.01)
            watching.cancel()
        words.close()
        await child.wait()
    assert tail(child.log) == "b 0\nb 1\n"
    assert [record.getMessage() for record in caplog.records] == [
        f"lines of {child.log} may be lost: the sieve before it ended (-9) and is started again; is the disk full?"
    ]


async def test_the_last_line_of_a_death_is_what_went_through_the_sieve(tmp_path: Path) -> None:
    """Which may be later than the death."""
    slow = Manner(sieve=("/bin/sh", "-c", "sleep 0.4; exec cat"))
    async with Children(tmp_path) as children:
        await children.spawn("clumsy", [sys.executable, "-c", "print('wet'); raise SystemExit(3)"], manner=slow)
        async with asyncio.timeout(10):
            assert (await children.first_death()).last_line == "wet"


async def test_a_sieve_that_is_held_is_ended_within_the_patience(tmp_path: Path) -> None:
    """As by a grandchild, which the child's end does not reach."""
    holding = f"import subprocess; subprocess.Popen(['sleep', '600']); {PATIENT}"
    async with Children(tmp_path) as children:
        manner = Manner(sieve=("/usr/bin/grep", "--line-buffered", ""))
        child = await children.spawn("holder", [sys.executable, "-c", holding], manner=manner)
        await up(child.log)
        began = time.monotonic()
        await children.end(child, 0.3)
        assert time.monotonic() - began < 0.9
        assert child.sieve is not None
        assert child.sieve.returncode == -signal.SIGKILL
        child.kill()


def test_a_log_over_its_size_moves_aside(tmp_path: Path) -> None:
    """Who appends goes on at the beginning; a missing log is no error."""
    log = tmp_path / "x.log"
    trim(log)
    assert tail(log) == ""
    with log.open("a") as writer:
        writer.write("a" * 100)
        writer.flush()
        trim(log, limit=50)
        writer.write("b")
    assert log.read_text() == "b"
    assert (tmp_path / "x.log.1").read_text() == "a" * 50
