"""Facts about the demo's RTSP server as a process."""

import ast
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cameras.camera import Address
from cameras.health import State
from cameras.stream import StreamError, frames
from ioc.demo.clips import unwrap
from tests.fakes.rtsp import SCRIPT, RtspServer, can_serve
from tests.fakes.video import passing, write_clip

needs_server = pytest.mark.skipif(not can_serve(), reason="GStreamer's RTSP server is not installed")


def test_it_imports_nothing_of_ours() -> None:
    """It runs in the system's Python, where our packages are not installed."""
    tree = ast.parse(SCRIPT.read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= set(sys.stdlib_module_names) | {"gi"}


@pytest.fixture
def raw(tmp_path: Path) -> str:
    """A raw clip, in a folder whose name needs care."""
    folder = tmp_path / 'thư mục 100%d "cũ"'
    return unwrap([write_clip(tmp_path / "gate.mp4", passing(2.0, 12.5))], folder)[0].path


@needs_server
def test_each_mount_has_its_own_user(raw: str) -> None:
    """The right user sees the stream; a neighbour's does not, and nobody comes without a name."""
    mounts = [
        {"name": name, "path": raw, "rate": "25/2", "user": f"of-{name}", "password": "pw"} for name in ("a", "b")
    ]
    with RtspServer(mounts) as server:
        assert server.ready["mounts"] == ["a", "b"]
        assert next(frames(Address(server.url("a", "of-a", "pw")))).luma.shape == (360, 640)
        for url in (server.url("a"), server.url("a", "of-a", "wrong"), server.url("a", "of-b", "pw")):
            with pytest.raises(StreamError) as refused:
                next(frames(Address(url)))
            assert refused.value.state in {State.UNAUTHORISED, State.REFUSED}


@needs_server
def test_several_mounts_may_have_one_user(raw: str) -> None:
    """A mount without a user is open to everybody who signed in."""
    user = {"user": "of-all", "password": "pw"}
    mounts = [{"name": name, "path": raw, "rate": "25/2", **(user if name != "c" else {})} for name in "abc"]
    with RtspServer(mounts) as server:
        for name in "abc":
            assert next(frames(Address(server.url(name, "of-all", "pw")))).luma.shape == (360, 640)


@needs_server
def test_without_users_everybody_may_look_and_the_clip_loops(raw: str) -> None:
    """Two seconds of clip give more than four seconds of stream."""
    with RtspServer([{"name": "open", "path": raw, "rate": "25/2"}]) as server:
        begin = None
        for frame in frames(Address(server.url("open"))):
            begin = begin or frame.at
            if frame.at - begin > 4.2:
                break
        assert begin is not None


@needs_server
def test_a_taken_port_is_said_in_a_sentence(raw: str) -> None:
    """And the exit code tells it, too."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        orders = json.dumps({"port": port, "mounts": [{"name": "a", "path": raw, "rate": "25/2"}]}) + "\n"
        done = subprocess.run(
            ["/usr/bin/python3", str(SCRIPT)],
            input=orders,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    assert done.returncode == 1
    assert "port is taken" in done.stderr
