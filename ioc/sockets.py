"""Unix sockets by which the processes of one installation meet."""

from pathlib import Path

from gis.stamp import digest_of
from ioc.settings import Settings

LONGEST_SOCKET = 100
"""Characters of a unix socket's path that every kernel takes."""


def pictures_socket(settings: Settings) -> Path:
    """Where the camera process answers for newest pictures."""
    return socket_named(settings, "cameras")


def live_socket(settings: Settings) -> Path:
    """Where the camera process answers for live views."""
    return socket_named(settings, "live")


def socket_named(settings: Settings, name: str) -> Path:
    """A unix socket's path: in the state dir, or in a short place if that is long."""
    wanted = settings.state / f"{name}.sock"
    if len(str(wanted)) < LONGEST_SOCKET:
        return wanted
    return Path("/tmp") / f"ioc-{digest_of(str(wanted).encode())}.sock"  # noqa: S108
