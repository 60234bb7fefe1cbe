"""Small files of the state dir: written whole or not at all, read whole or not at all."""

import contextlib
import hashlib
import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)

ROOM = 4096
"""Bytes of a note on the disk: one block, so that it can be written over when the disk takes no new one."""

_DIGEST = hashlib.sha256().digest_size


def put(path: Path, data: bytes) -> None:
    """Replace a file, mode 0600, durable when this returns. Raises OSError and leaves the old one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def put_checked(path: Path, data: bytes) -> None:
    """As `put`, with a digest (SHA-256) before it."""
    put(path, hashlib.sha256(data).digest() + data)


def get_checked(path: Path) -> bytes | None:
    """What `put_checked` wrote; None when there is nothing or it is damaged."""
    try:
        whole = path.read_bytes()
    except FileNotFoundError:
        return None
    data = whole[_DIGEST:]
    if hashlib.sha256(data).digest() != whole[:_DIGEST]:
        log.error("%s is damaged and not used", path)
        return None
    return data


def note(path: Path, text: bytes) -> None:
    """Replace a file of less than ROOM bytes that is read often; it need not survive a crash.

    On a full disk it is written over in its place. Raises OSError when that fails too.
    """
    padded = text.ljust(ROOM)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(padded)
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        with path.open("r+b") as file:
            file.write(padded)
