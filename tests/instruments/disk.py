"""Disks that misbehave: one that is small and full, and one whose fsync fails."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

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


def on_small_disk(sizes: dict[Path, int], argv: Sequence[str], owner: tuple[int, int] | None = None) -> list[str]:
    """The command line that runs `argv` with a tmpfs of so many bytes over each folder, which then is empty.

    What lies in a folder is copied onto its tmpfs first. As root, `argv` then runs as `owner`.
    """
    script = []
    for number, size in enumerate(sizes.values()):
        folder = f"${number + 1}"
        script += [
            f'mkdir -p "{folder}.was" && cp -a "{folder}/." "{folder}.was/"',
            f'mount -t tmpfs -o size={size} none "{folder}"',
            f'cp -a "{folder}.was/." "{folder}/" && rm -rf "{folder}.was"',
        ]
        if owner is not None and os.geteuid() == 0:
            script.append(f'chown {owner[0]}:{owner[1]} "{folder}" && chmod 700 "{folder}"')
    as_owner = f"setpriv --reuid {owner[0]} --regid {owner[1]} --clear-groups " if owner and os.geteuid() == 0 else ""
    script.append(f'shift {len(sizes)} && exec {as_owner}"$@"')
    return [*_namespace(), "sh", "-e", "-c", "\n".join(script), "sh", *map(str, sizes), *argv]


def inside(pid: int, path: Path) -> Path:
    """A path as the process sees it."""
    return Path(f"/proc/{pid}/root") / path.relative_to("/")


def free_of(pid: int, folder: Path) -> int:
    """Bytes that are free on the disk below a folder, as the process sees it."""
    found = os.statvfs(inside(pid, folder))
    return found.f_bavail * found.f_frsize


def fill(pid: int, folder: Path, leave: int = 0) -> Path:
    """Fill the disk below a folder up to `leave` bytes with a file, which is returned to be removed later."""
    ballast = inside(pid, folder) / "ballast"
    with ballast.open("wb", buffering=0) as file:
        wanted = max(free_of(pid, folder) - leave, 0)
        try:
            while wanted > 0:
                wanted -= file.write(b"\0" * min(wanted, 65536))
        except OSError:
            return ballast
    return ballast


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
    """The environment in which the `at`-th fsync of a file whose path holds `path` fails, `times` in a row."""
    return {
        "LD_PRELOAD": str(library),
        "FAIL_PATH": path,
        "FAIL_AT": str(at),
        "FAIL_TIMES": str(times),
        "FAIL_TRACE": str(trace),
    }
