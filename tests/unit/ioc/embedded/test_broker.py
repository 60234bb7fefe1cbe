"""Configuration and files of the private broker; its life is tried in tests/integration/test_embedded.py."""

from pathlib import Path

import pytest

from ioc.embedded.broker import Broker
from ioc.embedded.places import Places


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the broker's files go."""
    return tmp_path / "state/broker"


@pytest.fixture
def broker(home: Path, tmp_path: Path) -> Broker:
    """A broker that was never started."""
    home.parent.mkdir()
    return Broker(Places(home.parent, "one", lambda _: None, tmp_path), {"ioc-intake": "secret"})


def names(home: Path) -> list[str]:
    """Who may sign in."""
    return [line.split(":")[0] for line in (home / "passwords").read_text().splitlines()]


async def find_home(home: Path, broker: Broker) -> Path:
    """The folder used: beside the state dir when the broker's account cannot enter pytest's folder."""
    await broker.set_users({})
    return home if (home / "passwords").exists() else next(home.parent.parent.glob("ioc-*/broker"))


async def test_the_fixed_users_stay_and_an_unchanged_list_is_not_written(home: Path, broker: Broker) -> None:
    """Removing a device is leaving it out."""
    used = await find_home(home, broker)
    await broker.set_users({"gauge-one": "a", "gauge-two": "b"})
    assert names(used) == ["gauge-one", "gauge-two", "ioc-intake"]
    before = (used / "passwords").stat().st_mtime_ns, (used / "passwords").stat().st_ino
    await broker.set_users({"gauge-one": "a", "gauge-two": "b"})
    assert before == ((used / "passwords").stat().st_mtime_ns, (used / "passwords").stat().st_ino)
    await broker.set_users({"gauge-two": "b"})
    assert names(used) == ["gauge-two", "ioc-intake"]
    assert (used / "passwords").stat().st_mode & 0o777 == 0o600


async def test_a_bad_name_changes_nothing(home: Path, broker: Broker) -> None:
    """The files stay as they were."""
    used = await find_home(home, broker)
    with pytest.raises(ValueError, match="cannot sign in"):
        await broker.set_users({"gauge-one": "a", "+": "b"})
    assert names(used) == ["ioc-intake"]


async def test_a_device_cannot_take_the_name_of_the_centre(home: Path, broker: Broker) -> None:
    """The fixed key wins: who asks for the name does not learn to read everything."""
    await broker.set_users({"ioc-intake": "mine"})
    used = await find_home(home, broker)
    assert names(used) == ["ioc-intake"]


def test_it_says_what_it_refuses_only_where_that_is_asked_for(home: Path, broker: Broker, tmp_path: Path) -> None:
    telling = Broker(Places(home.parent, "one", lambda _: None, tmp_path), {"ioc-intake": "secret"}, refusals=True)
    calm, told = broker._text().splitlines(), telling._text().splitlines()
    assert not {"log_type debug", "log_dest stdout"} & set(calm)
    assert {"log_type debug", "log_dest stdout", "log_dest topic", "log_type notice"} <= set(told)
    assert "log_dest stderr" not in told
