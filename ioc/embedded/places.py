"""Where the files of the private servers lie: in the state dir, or nearby when the servers cannot get there.

A server that root starts runs as an ordinary user. It cannot enter a state dir below a closed home, and no
unix socket may have a path over 107 bytes. Then its files go to a folder under /var/tmp that is named by a
digest of the state dir's path and belongs to the state dir's installation id.
"""

import contextlib
import hashlib
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

from ioc.embedded.account import Account
from ioc.embedded.errors import SetupError, from_os

SOCKET_PATH_MAX = 107
"""Bytes of a unix socket path that Linux can hold, without the closing NUL (unix(7))."""

ELSEWHERE = Path("/var/tmp")  # noqa: S108 - checked for foreign owners before use


class Places:
    """Folders for one state dir.

    `state` is absolute and exists. `installation` tells whether a folder elsewhere is ours or was left by a
    deleted state dir of the same path. `report` is told when something goes elsewhere.
    """

    def __init__(
        self, state: Path, installation: str, report: Callable[[str], None], elsewhere: Path = ELSEWHERE
    ) -> None:
        self.state = state
        self._installation = installation
        self._report = report
        self.elsewhere = elsewhere / f"ioc-{digest(state)[:12]}"
        """The folder that is used when the state dir will not do; may not exist."""

    def folder(self, name: str, account: Account) -> Path:
        """A folder of mode 0700 owned by the account, which it can reach. Raises SetupError."""
        path = self.state / name
        try:
            self._make(path, account)
            if account.switch:
                self.state.chmod(self.state.stat().st_mode | stat.S_IXOTH)
            if reachable(path, account):
                return path
            self._report(f"{account.name} cannot enter {self.state}; the files of {name} are in {self.elsewhere}")
            return self._make(self._outside() / name, account)
        except OSError as error:
            raise from_os(error, path) from error

    def socket_folder(self, folder: Path, longest_name: str, account: Account) -> Path:
        """`folder` if a unix socket of that name fits there, else a short folder elsewhere."""
        if len(os.fsencode(folder / longest_name)) <= SOCKET_PATH_MAX:
            return folder
        try:
            return self._make(self._outside() / f"s-{digest(folder)[:8]}", account)
        except OSError as error:
            raise from_os(error, self.elsewhere) from error

    def _make(self, path: Path, account: Account) -> Path:
        path.mkdir(mode=0o700, parents=False, exist_ok=True)
        account.own(path)
        return path

    def _outside(self) -> Path:
        """The folder elsewhere, made or found to be ours; what a deleted state dir left there is removed."""
        marker = self.elsewhere / "installation"
        with contextlib.suppress(FileExistsError):
            self.elsewhere.mkdir(mode=0o711)
            self.elsewhere.chmod(0o711)
        found = self.elsewhere.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise SetupError(f"{self.elsewhere} belongs to somebody else: choose another IOC_STATE_DIR.")
        if not marker.exists() or marker.read_text() != self._installation:
            for left in self.elsewhere.iterdir():
                shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
            marker.write_text(self._installation)
        return self.elsewhere


def digest(path: Path) -> str:
    """A short stand-in for a path: SHA-256 of its bytes in hexadecimal."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()


def reachable(path: Path, account: Account) -> bool:
    """Whether the account can enter the folder and write there, asked of the kernel as that account."""
    if not account.switch:
        return os.access(path, os.W_OK | os.X_OK)
    answer = subprocess.run(
        ["/usr/bin/test", "-w", str(path), "-a", "-x", str(path)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return answer.returncode == 0
