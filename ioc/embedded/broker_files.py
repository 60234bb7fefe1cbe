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
CA, CERTIFICATE, KEY, REVOKED = "ca.crt", "server.crt", "server.key", "revoked.pem"
"""What the broker reads in its folder: its users, and what it speaks TLS with (ioc/embedded/broker_tls.py)."""

FOLDER = "authority"
"""Of the state dir: who has what is in it can make certificates, and the broker is not given it."""

Lists = Callable[[frozenset[str], bytes], bytes]
"""Makes the list of revoked certificates from their serial numbers and the list before."""

FIXED = ".fixed"
"""What is written in `passwords.fixed` and `access.fixed` is taken over as it is: users that are no devices."""


class BrokerFiles:
    """Files of a folder. `fixed` are users that are always there, with their keys; `tell` makes the broker read anew.

    `owner` is (uid, gid) of the files, where another account than ours reads them; `lists` is given where the broker
    asks for certificates.
    """

    def __init__(
        self,
        folder: Path,
        fixed: Mapping[str, str],
        tell: Callable[[], None],
        owner: tuple[int, int] | None = None,
        lists: Lists | None = None,
    ) -> None:
        self._folder = folder
        self._fixed = dict(fixed)
        self._tell = tell
        self._owner = owner
        self._lists = lists
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
        wanted = {name: text.encode() for name, text in self._texts(admitted, keys).items()}
        if self._lists is not None:
            wanted[REVOKED] = self._lists(admitted.revoked, self._read(REVOKED))
        wrong = [name for name, content in wanted.items() if self._read(name) != content]
        for name in wrong:
            replace(self._folder / name, wanted[name], mode=0o600, owner=self._owner)
        return bool(wrong)

    def _texts(self, admitted: Admitted, keys: Mapping[str, str]) -> dict[str, str]:
        """The files as they are to be. A fixed name wins: who asks for it does not learn to read everything."""
        before = users.hashes_of(self._text(PASSWORDS))
        by_hand = self._text(PASSWORDS + FIXED)
        taken = {one.partition(":")[0] for one in by_hand.splitlines()}
        own = users.hashes_for({name: key for name, key in self._fixed.items() if name not in taken}, before)
        devices = {**admitted.hashes, **users.hashes_for(keys, before)}
        hashes = {name: kept for name, kept in devices.items() if name not in taken and name not in own}
        seconds = [name for name in hashes if name.endswith(SECOND)]
        access = users.access_file(admitted.behind, seconds, admitted.barred)
        more = self._text(ACCESS + FIXED)
        return {
            ACCESS: f"{access}\n{more}" if more else access,
            PASSWORDS: users.hash_file({**hashes, **own}) + by_hand,
        }

    def _text(self, name: str) -> str:
        return self._read(name).decode("utf-8", "replace")

    def _read(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return b""
