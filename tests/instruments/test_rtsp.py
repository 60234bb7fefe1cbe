"""The camera's server of the tests: it counts what it is asked, and refuses who does not know the password."""

import socket

from tests.fakes.video import passing
from tests.instruments.film import shoot
from tests.instruments.rtsp import RtspCamera

FILM = shoot(passing(1.0, 10.0, width=320, height=240))


def asked(port: int, request: str) -> str:
    """The first line of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(f"{request}\r\n\r\n".encode())
        return connection.recv(4096).decode().splitlines()[0]


def test_who_knows_the_password_is_let_in_and_all_are_counted() -> None:
    describe = "DESCRIBE rtsp://h/live RTSP/1.0\r\nCSeq: 1"
    with RtspCamera(FILM, user="viewer", password="right") as camera:
        assert asked(camera.port, describe) == "RTSP/1.0 401 Unauthorized"
        assert asked(camera.port, describe + "\r\nAuthorization: Basic d3Jvbmc=") == "RTSP/1.0 401 Unauthorized"
        assert asked(camera.port, describe + "\r\nAuthorization: Basic dmlld2VyOnJpZ2h0") == "RTSP/1.0 200 OK"
        assert (camera.requests["DESCRIBE"], camera.refused, camera.opened) == (3, 1, 3)
        assert camera.url() == f"rtsp://viewer:right@127.0.0.1:{camera.port}/live"
