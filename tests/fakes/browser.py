"""A person's browser: keeps cookies, sends the Origin of the page, and signs in from an address of its own."""

from types import TracebackType
from typing import Any, Self

import aiohttp

from ioc.access import totp
from tests.fakes.http_centre import PASSWORD, now


class Browser:
    """Use as `async with Browser(url) as lan`. `address` is one of 127.0.0.0/8, so that there are many."""

    def __init__(self, url: str, address: str = "127.0.0.1") -> None:
        self.url = url
        self.http = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            connector=aiohttp.TCPConnector(local_addr=(address, 0)),
            headers={"Origin": url, "User-Agent": "Browser/1"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.http.close()

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON body (None without one)."""
        async with self.http.request(method, self.url + path, json=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def sign_in(self, user: str, password: str = PASSWORD, code: str | None = None) -> tuple[int, Any]:
        body = {"user": user, "password": password} | ({} if code is None else {"code": code})
        return await self.ask("POST", "/api/v1/session", body)

    @property
    def cookie(self) -> str:
        """The secret of the session."""
        return next((one.value for one in self.http.cookie_jar if one.key == "ioc_session"), "")

    def steal(self, secret: str) -> None:
        """Use a session's secret that came from elsewhere."""
        self.http.cookie_jar.update_cookies({"ioc_session": secret}, aiohttp.client.URL(self.url))

    async def with_factor(self, password: str = PASSWORD) -> tuple["App", list[str]]:
        """Switch the second factor on; the app whose first code confirmed it, and the recovery codes."""
        status, made = await self.ask("POST", "/api/v1/account/factor", {"password": password})
        assert status == 201, made
        app = App(key_of(made["secret"]))
        status, codes = await self.ask("POST", "/api/v1/account/factor/confirm", {"code": app.code()})
        assert status == 200, codes
        return app, codes["recovery_codes"]


def key_of(text: str) -> bytes:
    import base64

    return base64.b32decode(text + "=" * (-len(text) % 8))


class App:
    """An authenticator app, read at one moment: its codes stay the same however long the test takes to use them.

    The server believes a step to either side of its own, so that the code of that moment and the next one's are
    valid until the end of the step after it, and steps from three on are not before a minute has passed.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._step = totp.step_at(now().timestamp())

    def code(self, steps: int = 0) -> str:
        """The code of that moment, or of some steps after it."""
        return totp.code_at(self._key, self._step + steps)
