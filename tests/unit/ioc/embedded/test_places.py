"""Where the servers' files lie."""

import os
from pathlib import Path

import pytest

from ioc.embedded.account import Account, choose
from ioc.embedded.errors import SetupError
from ioc.embedded.places import SOCKET_PATH_MAX, Places


@pytest.fixture
def me(tmp_path: Path) -> Account:
    """Ourselves, without switching."""
    chosen = choose((), tmp_path / "nothing")
    return Account(name=chosen.name, uid=os.geteuid(), gid=os.getegid(), switch=False)


def places(tmp_path: Path, installation: str = "one") -> Places:
    """A state dir and a stand-in for /var/tmp below the test's folder."""
    for name in ("state", "elsewhere"):
        (tmp_path / name).mkdir(exist_ok=True)
    return Places(tmp_path / "state", installation, lambda _: None, tmp_path / "elsewhere")


def test_a_folder_lies_in_the_state_dir_and_is_closed_to_others(tmp_path: Path, me: Account) -> None:
    """The ordinary case; asking twice is asking once."""
    here = places(tmp_path)
    assert here.folder("postgres", me) == here.folder("postgres", me) == tmp_path / "state/postgres"
    assert (tmp_path / "state/postgres").stat().st_mode & 0o777 == 0o700
    assert not here.elsewhere.exists()


def test_a_socket_that_fits_stays_and_one_that_does_not_goes_elsewhere(tmp_path: Path, me: Account) -> None:
    """The limit is 107 bytes, counted in bytes."""
    here = places(tmp_path)
    assert here.socket_folder(here.state, "s", me) == here.state
    long = here.state / ("ắ" * 60)
    short = here.socket_folder(long, "s.sock", me)
    assert short.parent == here.elsewhere
    assert short.is_dir()
    assert len(os.fsencode(long / "s.sock")) > SOCKET_PATH_MAX


def test_what_a_deleted_state_dir_left_elsewhere_is_not_taken_over(tmp_path: Path, me: Account) -> None:
    """The same path with new secrets is a new installation; the same installation finds its files again."""
    far = Path("x" * 120)
    first = places(tmp_path).socket_folder(far, "s", me)
    (first / "kept").touch()
    assert (places(tmp_path).socket_folder(far, "s", me) / "kept").exists()
    assert not (places(tmp_path, "two").socket_folder(far, "s", me) / "kept").exists()


def test_a_folder_elsewhere_that_somebody_else_made_is_refused(tmp_path: Path, me: Account) -> None:
    """A link, or a folder that others may write to, under our name in /var/tmp."""
    here = places(tmp_path)
    here.elsewhere.symlink_to(tmp_path)
    with pytest.raises(SetupError, match="belongs to somebody else"):
        here.socket_folder(Path("x" * 120), "s", me)
    here.elsewhere.unlink()
    here.elsewhere.mkdir()
    here.elsewhere.chmod(0o777)
    with pytest.raises(SetupError, match="belongs to somebody else"):
        here.socket_folder(Path("x" * 120), "s", me)


def test_a_place_that_cannot_be_used_is_one_sentence(tmp_path: Path, me: Account) -> None:
    """A file stands where the folder should be."""
    here = places(tmp_path)
    (here.state / "postgres").mkdir()
    (here.state / "postgres").rmdir()
    (here.state / "postgres").touch()
    with pytest.raises(SetupError, match="choose another IOC_STATE_DIR"):
        here.folder("postgres", me)
