"""`ioc broker`: what it needs, and how it tells the broker; it runs in tests/integration/test_keys.py."""

import os
import signal
from pathlib import Path

import pytest

from ioc.doorkeeping import broker, lists_of, owner_of, telling
from ioc.embedded.broker_tls import authority_made_in
from ioc.lock import Lock
from ioc.settings import Settings, SettingsError
from tests.fakes.things import NOW

MQTT = "mqtt://ioc-intake:k@127.0.0.1:1"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "IOC_DATABASE_URL is missing"),
        ({"database_url": "postgresql://x"}, "IOC_BROKER_DIR is missing"),
        ({"database_url": "postgresql://x", "broker_dir": "/nowhere"}, "IOC_MQTT_URL is missing"),
        ({"database_url": "postgresql://x", "broker_dir": "/nowhere", "mqtt_url": MQTT}, "/nowhere cannot be used"),
    ],
)
async def test_what_is_missing_is_said_in_one_sentence(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        await broker(Settings(**given))


async def test_two_do_not_keep_one_broker(tmp_path: Path) -> None:
    settings = Settings(database_url="postgresql://x", broker_dir=str(tmp_path), mqtt_url=MQTT)
    with Lock(tmp_path / "lock"), pytest.raises(SettingsError, match="end it first"):
        await broker(settings)


def test_the_broker_is_told_by_its_number_or_by_the_file_that_holds_it(tmp_path: Path) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda *_: heard.append(1))
    try:
        file = tmp_path / "mosquitto.pid"
        telling(str(file))()
        file.write_text(f"{os.getpid()}\n")
        telling(str(file))()
        telling(str(os.getpid()))()
        telling("")()
        for nonsense in ("", "-1\n", "0", "x"):
            file.write_text(nonsense)
            telling(str(file))()
        telling("4194303")()
    finally:
        signal.signal(signal.SIGHUP, before)
    assert len(heard) == 2


def test_no_group_of_processes_is_told() -> None:
    with pytest.raises(SettingsError, match="IOC_BROKER_PID"):
        telling("0")


def test_certificates_are_listed_where_there_is_an_authority(tmp_path: Path) -> None:
    settings = Settings(state_dir=str(tmp_path))
    assert lists_of(settings) is None
    authority_made_in(tmp_path, NOW)
    made = lists_of(settings)
    assert made is not None
    assert b"X509 CRL" in made(frozenset({"1"}), b"")


def test_files_are_whose_the_folder_is(tmp_path: Path) -> None:
    about = tmp_path.stat()
    assert owner_of(tmp_path) in (None, (about.st_uid, about.st_gid))
