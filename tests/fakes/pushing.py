"""A centre that has its channels, of which web push is one."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ioc.outbound import Outbound
from ioc.settings import Settings
from ioc.store.database import Database
from ioc.tell.channels import channels_of
from tests.fakes.http_centre import Centre, now, running_centre
from tests.fakes.stations import HERE


@asynccontextmanager
async def pushing_centre(
    url_of: Callable[[str], str], folder: Path, more: Mapping[str, Any] | None = None, **changed: str
) -> AsyncIterator[Centre]:
    """A server with its channels, whose settings are these; the rest is as in `running_centre`."""
    settings = Settings(state_dir=str(folder / "state"), public_url="https://ioc.test", **changed)
    async with (
        Outbound.open(HERE) as outbound,
        Database.open(url_of("ioc_app"), size=2) as database,
        channels_of(settings, outbound, database, now) as channels,
        running_centre(url_of, folder, {"channels": channels} | dict(more or {})) as centre,
    ):
        yield centre
