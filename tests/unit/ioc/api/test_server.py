"""The application and its life; requests are tried in tests/integration/test_api.py."""

import socket
from pathlib import Path

import aiohttp
import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import running_centre


async def test_it_answers_while_it_runs_and_its_port_is_free_afterwards(migrated: Fresh, tmp_path: Path) -> None:
    async with running_centre(migrated.url, tmp_path) as centre:
        assert (await centre.get("/healthz", None))[0] == 200
        status, body, _ = await centre.get("/readyz")
        assert (status, body["ready"]) == (200, True)
        port = int(centre.url.rpartition(":")[2])
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.ClientConnectionError):
            await http.get(centre.url + "/healthz")
