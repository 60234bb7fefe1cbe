"""As whom a server runs: never as root, because PostgreSQL refuses and the broker need not."""

import os
import pwd
from collections.abc import Iterable
from pathlib import Path

import msgspec

from ioc.embedded.errors import SetupError


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An ordinary user of this machine. `switch` says whether we are root and have to become it."""

    name: str
    uid: int
    gid: int
    switch: bool

    def own(self, path: Path) -> None:
        """Give the path (not what is below it) to this account."""
        if self.switch:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def choose(preferred: Iterable[str], existing: Path) -> Account:
    """The account for a server: ourselves, or as root the first of `preferred` that exists, else nobody.

    As root, what an ordinary user left in `existing` is continued as that user.
    Raises SetupError when root finds no ordinary account at all.
    """
    if os.geteuid() != 0:
        return Account(name=name_of(os.geteuid()), uid=os.geteuid(), gid=os.getegid(), switch=False)
    if existing.exists() and existing.stat().st_uid != 0:
        owner = existing.stat()
        return Account(name=name_of(owner.st_uid), uid=owner.st_uid, gid=owner.st_gid, switch=True)
    for name in (*preferred, "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid, switch=True)
    raise SetupError("No ordinary account exists to run the database as: create one called nobody.")


def name_of(uid: int) -> str:
    """The login name, or the number where the user has none (a container)."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
