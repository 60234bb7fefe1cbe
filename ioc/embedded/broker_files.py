"""The broker's files of users in one folder: held against what the register says, and mended.

Files replace each other as a whole, so that the broker, which reads them when it is told, never reads half of one.
Whom neither the register nor a fixed user stands for is taken out, also when it was written by hand.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from ioc.embedded import users
from ioc.embedded.keyring import replace
from ioc.embedded.users import Admitted
from ioc.registration.broker_key import SECOND

log = logging.getLogger(__name__)

PASSWORDS, ACCESS = "passwords", "access"
FIXED = ".fixed"
"""What is written in `passwords.fixed` and `access.fixed` is taken over as it is: users that are no devices."""


class BrokerFiles:
    """Files of a folder. `fixed` are users that are always there, with their keys; `tell` makes the broker read anew.

    `owner` is (uid, gid) of the files, where another account than ours reads them.
    """

    def __init__(
        self,
        folder: Path,
        fixed: Mapping[str, str],
        tell: Callable[[], None],
        owner: tuple[int, int] | None = None,
    ) -> None:
        self._folder = folder
        self._fixed = dict(fixed)
        self._tell = tell
        self._owner = owner
        self._told = False

    async def admit(self, admitted: Admitted, keys: Mapping[str, str] | None = None) -> bool:
        """Let these in, and nobody else; True when the files had to be changed.

        `keys` are further users by their keys. The broker is told after a change, and once at the beginning: who wrote
        before us may have died between the two. Raises ValueError before anything is changed, and OSError.
        """
        changed = await asyncio.to_thread(self._mended, admitted, keys or {})
        if changed or not self._told:
            self._told = False
            self._tell()
            self._told = True
        return changed

    def _mended(self, admitted: Admitted, keys: Mapping[str, str]) -> bool:
        texts = self._texts(admitted, keys)
        wrong = [name for name, text in texts.items() if self._read(name) != text]
        for name in wrong:
            replace(self._folder / name, texts[name].encode(), mode=0o600, owner=self._owner)
        return bool(wrong)

    def _texts(self, admitted: Admitted, keys: Mapping[str, str]) -> dict[str, str]:
        """The files as they are to be. A fixed name wins: who asks for it does not learn to read everything."""
        before = users.hashes_of(self._read(PASSWORDS))
        by_hand = self._read(PASSWORDS + FIXED)
        taken = {one.partition(":")[0] for one in by_hand.splitlines()}
        own = users.hashes_for({name: key for name, key in self._fixed.items() if name not in taken}, before)
        devices = {**admitted.hashes, **users.hashes_for(keys, before)}
        hashes = {name: kept for name, kept in devices.items() if name not in taken and name not in own}
        seconds = [name for name in hashes if name.endswith(SECOND)]
        access = users.access_file(admitted.behind, seconds, admitted.barred)
        more = self._read(ACCESS + FIXED)
        return {
            ACCESS: f"{access}\n{more}" if more else access,
            PASSWORDS: users.hash_file({**hashes, **own}) + by_hand,
        }

    def _read(self, name: str) -> str:
        try:
            return (self._folder / name).read_text("utf-8", "replace")
        except FileNotFoundError:
            return ""
