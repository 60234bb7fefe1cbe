"""Disks that misbehave: one that is small and full, and one whose fsync fails."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from ioc.embedded.account import Account
from tests.instruments.processes import Process
from tests.instruments.waiting import until

SOURCE = Path(__file__).with_name("failing_fsync.c")


def why_no_small_disk() -> str | None:
    """Why this machine cannot mount a tmpfs of our own; None when it can."""
    if shutil.which("unshare") is None:
        return "unshare (util-linux) is not installed"
    tried = subprocess.run(
        [*_namespace(), "sh", "-c", "mount -t tmpfs -o size=64k none /mnt"], capture_output=True, text=True, check=False
    )
    return None if tried.returncode == 0 else f"no tmpfs in a namespace of ours: {tried.stderr.strip()}"


def _namespace() -> list[str]:
    """A mount namespace; for an ordinary user inside a user namespace in which the user keeps name and rights."""
    if os.geteuid() == 0:
        return ["unshare", "-m", "--propagation", "private"]
    return ["unshare", "-U", "-m", "--map-current-user", "--keep-caps"]


class SmallDisks:
    """Folders with a small tmpfs over each, for processes that are started with `enter`; kept until `close`.

    What lies in a folder is copied onto its tmpfs first. As root, each tmpfs belongs to the folder's owner.
    """

    def __init__(self, sizes: Mapping[Path, int], log: Path) -> None:
        script = []
        for number, size in enumerate(sizes.values(), 1):
            script += [
                f'cp -a "${number}" "${number}.was"',
                f'mount -t tmpfs -o size={size} none "${number}"',
                f'cp -aT "${number}.was" "${number}" && rm -rf "${number}.was"',
            ]
        script.append("echo mounted && exec sleep infinity")
        argv = [*_namespace(), "sh", "-e", "-c", "\n".join(script), "sh", *map(str, sizes)]
        self._holder = Process(argv, log=log, environment=dict(os.environ), cwd=Path("/"))

    async def mounted(self) -> None:
        """Wait until the disks are there."""
        await until(lambda: "mounted" in self._holder.said(), 30, f"the small disks ({self._holder.log})")

    def enter(self, account: Account | None = None) -> list[str]:
        """What stands before a command line that is to see the disks, run as the account."""
        target = str(self._holder.pid)
        if os.geteuid() != 0:
            return ["nsenter", "-U", "-m", "--preserve-credentials", "-t", target]
        own = account is not None and account.switch
        become = ["setpriv", "--reuid", str(account.uid), "--regid", str(account.gid), "--clear-groups"] if own else []
        return ["nsenter", "-m", "-t", target, *become]

    def inside(self, path: Path) -> Path:
        """A path as the processes see it."""
        return Path(f"/proc/{self._holder.pid}/root") / path.relative_to("/")

    def free(self, folder: Path) -> int:
        """Bytes that are free on the disk of a folder."""
        found = os.statvfs(self.inside(folder))
        return found.f_bavail * found.f_frsize

    def fill(self, folder: Path, leave: int = 0) -> Path:
        """Fill the disk of a folder up to `leave` bytes with a file, which is returned to be removed later."""
        ballast = self.inside(folder) / "ballast"
        with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while (wanted := self.free(folder) - leave) > 0:
                file.write(b"\0" * min(wanted, 65536))
        return ballast

    def close(self) -> None:
        """Give the disks back, with what is on them, once no process sees them any more."""
        self._holder.kill()


def why_no_failing_fsync() -> str | None:
    """Why an fsync cannot be made to fail here; None when it can."""
    return None if shutil.which("cc") else "no C compiler (cc) is installed"


def failing_fsync(folder: Path) -> Path:
    """The library to be preloaded, compiled into the folder. Raises CalledProcessError when it does not compile."""
    library = folder / "failing_fsync.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-o", str(library), str(SOURCE), "-ldl"], check=True)
    library.chmod(0o755)
    return library


def preload(library: Path, path: str, at: int, trace: Path, times: int = 1) -> dict[str, str]:
    """The environment in which from the `at`-th on of each process fsyncs of files whose path holds `path` fail.

    `times` of them do, in all processes together; `trace` gets a byte for each.
    """
    trace.touch()
    trace.chmod(0o666)
    return {
        "LD_PRELOAD": str(library),
        "FAIL_PATH": path,
        "FAIL_AT": str(at),
        "FAIL_TIMES": str(times),
        "FAIL_TRACE": str(trace),
    }
