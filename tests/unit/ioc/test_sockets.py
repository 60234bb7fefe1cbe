from pathlib import Path

from ioc import sockets
from ioc.settings import Settings


def test_the_socket_of_pictures_is_in_the_state_dir_while_its_path_is_short() -> None:
    assert sockets.pictures_socket(Settings(state_dir="/var/lib/ioc")) == Path("/var/lib/ioc/cameras.sock")
    long = [sockets.pictures_socket(Settings(state_dir=f"/var/{'x' * 200}/{name}")) for name in ("a", "b", "a")]
    assert all(len(str(path)) < sockets.LONGEST_SOCKET for path in long)
    assert long[0] == long[2] != long[1]
