"""Where Debian keeps the servers' programs: PostgreSQL's are not on PATH, and sbin often is not either."""

import shutil
from pathlib import Path

from ioc.embedded.errors import SetupError

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {"PATH": PATH, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
"""The whole environment of a server: nothing of ours leaks into it."""

_VERSIONS = (15, 16, 17, 18, 14)


def postgresql(data: Path, root: Path = Path("/")) -> Path:
    """The folder of the PostgreSQL programs that can serve `data`: its own version, else the one tried most.

    PostGIS must be there for that version. Raises SetupError.
    """
    found = [version for version in _VERSIONS if _complete(version, root)]
    written_by = data / "PG_VERSION"
    if written_by.exists():
        version = int(written_by.read_text().strip())
        if version not in found:
            raise SetupError(
                f"The data in {data} are of PostgreSQL {version}, which is not installed with PostGIS: "
                f"install postgresql-{version}-postgis-3, or choose another IOC_STATE_DIR."
            )
        return _programs(version, root)
    if not found:
        raise SetupError("PostgreSQL with PostGIS is missing: run ./run, which installs postgresql-15-postgis-3.")
    return _programs(found[0], root)


def mosquitto() -> Path:
    """The broker's program. Raises SetupError."""
    path = shutil.which("mosquitto", path=PATH)
    if path is None:
        raise SetupError("The MQTT broker is missing: run ./run, which installs mosquitto.")
    return Path(path)


def without(pattern: str) -> tuple[str, ...]:
    """The command that passes on, as they come, the lines that an extended regular expression does not match."""
    path = shutil.which("grep", path=PATH)
    if path is None:
        raise SetupError("The program grep is missing: install grep.")
    return (path, "-a", "-v", "-E", "--line-buffered", "-e", pattern)


def _programs(version: int, root: Path) -> Path:
    return root / f"usr/lib/postgresql/{version}/bin"


def _complete(version: int, root: Path) -> bool:
    control = root / f"usr/share/postgresql/{version}/extension/postgis.control"
    return control.exists() and (_programs(version, root) / "initdb").exists()
