"""A broker of the instruments' own tests."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.instruments.servers import OwnBroker


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder that every account can enter."""
    path = Path(tempfile.mkdtemp(prefix="ioc-f-", dir="/tmp"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
async def own_broker(short_folder: Path) -> AsyncIterator[OwnBroker]:
    """A running broker that may be killed."""
    (short_folder / "broker").mkdir()
    broker = OwnBroker(short_folder / "broker")
    await broker.start()
    yield broker
    broker.kill()
