"""Installs, once, what a benchmark is held against and a lock pins."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

INSTALL_S = 240.0


def is_there(stamp: Path, lock: Path) -> bool:
    """Whether what this lock pins was installed and stamped."""
    return stamp.exists() and stamp.read_text() == _digest(lock)


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


async def install(
    name: str, command: Sequence[str], stamp: Path, lock: Path, *, environment: Mapping[str, str] | None = None
) -> str:
    """Run a package manager in the lock's folder and stamp what it did; an empty text, or why it could not."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=lock.parent,
        env=None if environment is None else dict(environment),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(INSTALL_S):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return f"{name} did not finish"
    if process.returncode:
        return f"{name} failed: {said.decode(errors='replace').strip().splitlines()[-1:]}"
    await asyncio.to_thread(stamp.write_text, _digest(lock))
    return ""
