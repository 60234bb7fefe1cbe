"""The broker's files of users; that a broker heeds them is tried in tests/integration/test_admission.py."""

import time
from pathlib import Path

import pytest

from ioc.embedded import users
from ioc.embedded.broker_files import BrokerFiles
from ioc.embedded.users import Admitted
from ioc.registration.broker_key import hashed

HASH = hashed("k", b"0123456789ab")


class Broker:
    """A folder, and how often its broker was told."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.told = folder, 0
        self.files = BrokerFiles(folder, {"ioc-intake": "mine"}, self.tell)

    def tell(self) -> None:
        self.told += 1

    def lines(self, name: str = "passwords") -> list[str]:
        return (self.folder / name).read_text().splitlines()


@pytest.fixture
def broker(tmp_path: Path) -> Broker:
    return Broker(tmp_path)


async def test_what_is_as_it_should_be_is_left_alone_and_the_broker_told_once(broker: Broker) -> None:
    """Once at the beginning: who wrote before may have died before telling it."""
    admitted = Admitted(hashes={"gauge-a": HASH, "gauge-a~": HASH})
    assert await broker.files.admit(admitted)
    before = (broker.folder / "passwords").stat().st_mtime_ns
    assert not await broker.files.admit(admitted)
    assert (broker.told, (broker.folder / "passwords").stat().st_mtime_ns) == (1, before)
    again = Broker(broker.folder)
    assert not await again.files.admit(admitted)
    assert again.told == 1


async def test_a_broker_that_could_not_be_told_is_told_again(broker: Broker) -> None:
    def deaf() -> None:
        raise PermissionError(1, "no")

    files = BrokerFiles(broker.folder, {}, deaf)
    for _ in range(2):
        with pytest.raises(PermissionError):
            await files.admit(Admitted())


async def test_lines_of_one_s_own_stay_and_win(broker: Broker) -> None:
    """`ioc-intake` cannot be had by registering a device of that name; nor can what was written by hand."""
    by_hand = users.line("bridge", "b")
    (broker.folder / "passwords.fixed").write_text(by_hand)
    (broker.folder / "access.fixed").write_text("user bridge\ntopic read ioc/v1/#\n")
    await broker.files.admit(Admitted(hashes={"bridge": HASH, "ioc-intake": HASH, "gauge-a": HASH}))
    names = [line.partition(":")[0] for line in broker.lines()]
    assert names == ["gauge-a", "ioc-intake", "bridge"]
    assert by_hand in (broker.folder / "passwords").read_text()
    assert HASH not in next(line for line in broker.lines() if line.startswith("ioc-intake"))
    assert broker.lines("access")[-2:] == ["user bridge", "topic read ioc/v1/#"]


async def test_what_is_no_hash_changes_nothing(broker: Broker) -> None:
    await broker.files.admit(Admitted(hashes={"gauge-a": HASH}))
    with pytest.raises(ValueError, match="give it a new key"):
        await broker.files.admit(Admitted(hashes={"gauge-a": "clear\nroot:x"}))
    assert [line.partition(":")[0] for line in broker.lines()] == ["gauge-a", "ioc-intake"]


async def test_the_list_of_revoked_certificates_is_made_where_there_is_an_authority(broker: Broker) -> None:
    made = BrokerFiles(broker.folder, {}, broker.tell, lists=lambda serials, before: ",".join(sorted(serials)).encode())
    await made.admit(Admitted(revoked=frozenset({"b", "a"})))
    assert (broker.folder / "revoked.pem").read_text() == "a,b"
    await broker.files.admit(Admitted())
    assert (broker.folder / "revoked.pem").read_text() == "a,b"


async def test_the_files_of_two_thousand_devices_are_written_at_once(broker: Broker) -> None:
    """Hashes are kept, so that nothing is hashed anew."""
    hashes = {f"gauge-{number}": HASH for number in range(2000)}
    began = time.monotonic()
    await broker.files.admit(Admitted(hashes=hashes | {f"{name}~": HASH for name in hashes}))
    assert time.monotonic() - began < 2.0
    assert len(broker.lines()) == 4001
