"""The demo's cameras: serves raw H.264 clips as RTSP streams. A script for the system's own Python.

It runs where GStreamer's bindings are installed (Debian's python3-gi, gir1.2-gst-rtsp-server-1.0), so it
imports nothing of ours. One line of JSON on standard input says what to serve; secrets never stand in
process arguments:

    {"host": "127.0.0.1", "port": 0, "mounts": [{"name": "cam-a", "path": "/…/a.h264", "rate": "25/2",
                            "user": "u", "password": "p", "loop": true}]}

It answers one line of JSON, {"port": 8554, "mounts": ["cam-a"]}, and serves rtsp://<host>:<port>/<name> until
standard input closes or its parent ends. Each client gets its own stream from the clip's start, at the
clip's own rate (`rate` counts where the clip says nothing of it). As soon as one mount has a `user`,
everybody has to sign in; a mount without `user` is then open to all who did.
"""

import ctypes
import json
import os
import signal
import sys
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

ANYBODY = "anybody"


def launch(mount: dict[str, Any]) -> str:
    """The pipeline of a mount: a looping file, cut into pictures, paced by the clip's rate."""
    source = f"caps=video/x-h264,stream-format=byte-stream,alignment=none,framerate={mount['rate']}"
    path = mount["path"].replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    loop = "true" if mount.get("loop", True) else "false"
    # Only the parser repeats the parameter sets: the payloader would do so before each slice of a key picture, and
    # whoever reads that takes the slices for pictures.
    return (
        f'( multifilesrc location="{path}" loop={loop} stop-index=0 {source} '
        "! h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au "
        "! rtph264pay name=pay0 pt=96 config-interval=0 )"
    )


def open_to(roles: list[str]) -> GstRtspServer.RTSPPermissions:
    """Permissions that let these roles, and nobody else, see and play a mount."""
    permissions = GstRtspServer.RTSPPermissions()
    for role in roles:
        for right in ("media.factory.access", "media.factory.construct"):
            permissions.add_permission_for_role(role, right, True)
    return permissions


def token(role: str) -> GstRtspServer.RTSPToken:
    """What a signed-in user carries."""
    made = GstRtspServer.RTSPToken()
    made.set_string("media.factory.role", role)
    return made


def build(orders: dict[str, Any]) -> GstRtspServer.RTSPServer:
    """The server with a factory a mount."""
    server = GstRtspServer.RTSPServer()
    server.set_address(str(orders.get("host", "127.0.0.1")))
    server.set_service(str(orders.get("port", 0)))
    roles = roles_of(orders["mounts"])
    for mount in orders["mounts"]:
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(launch(mount))
        guarded = mount.get("user")
        factory.set_permissions(open_to([roles[key(mount)]] if guarded else [*roles.values()] or [ANYBODY]))
        server.get_mount_points().add_factory(f"/{mount['name']}", factory)
    server.set_auth(gate(roles))
    return server


def key(mount: dict[str, Any]) -> tuple[str, str]:
    """Who may see a mount."""
    return mount["user"], mount["password"]


def roles_of(mounts: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """A role for each user and password; several mounts may have the same."""
    users = dict.fromkeys(key(mount) for mount in mounts if mount.get("user"))
    return {user: f"viewer-{number}" for number, user in enumerate(users)}


def gate(roles: dict[tuple[str, str], str]) -> GstRtspServer.RTSPAuth:
    """Who may come in: the users with a role, or everybody when there are none."""
    auth = GstRtspServer.RTSPAuth()
    for (user, password), role in roles.items():
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token(role))
    if not roles:
        auth.set_default_token(token(ANYBODY))
    return auth


def end_with_parent() -> None:
    """Ask Linux to end this process when its parent ends (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)


def end_on_eof(loop: GLib.MainLoop) -> None:
    """Stop serving when standard input closes."""

    def closed(descriptor: int, _condition: GLib.IOCondition) -> bool:
        if os.read(descriptor, 4096):
            return True
        loop.quit()
        return False

    GLib.unix_fd_add_full(GLib.PRIORITY_HIGH, 0, GLib.IOCondition.IN | GLib.IOCondition.HUP, closed)


def read_line() -> str:
    """The first line of standard input, unbuffered, so that nothing behind it is swallowed."""
    line = bytearray()
    while (byte := os.read(0, 1)) not in {b"", b"\n"}:
        line += byte
    return line.decode()


def main() -> int:
    """Serve what standard input says."""
    end_with_parent()
    orders = json.loads(read_line())
    Gst.init(None)
    server = build(orders)
    if server.attach(None) == 0:
        sys.stderr.write("the RTSP port is taken: give port 0 to have a free one chosen\n")
        return 1
    ready = {"port": server.get_bound_port(), "mounts": [mount["name"] for mount in orders["mounts"]]}
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    loop = GLib.MainLoop()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_on_eof(loop)
    loop.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
