"""Requests that cannot even be read: answered and logged without a byte of what was sent.

aiohttp by itself repeats the beginning of an unreadable line in its answer and its log: it may hold a token.
"""

import logging

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_protocol import RequestHandler

from ioc.api.problems import ProblemError, answer, code_of_status

LOG = logging.getLogger("ioc.api")


class _Handler(RequestHandler):
    """A connection."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The problem of what could not be read; the connection ends with it."""
        LOG.warning("a request from %s could not be read: %s", request.remote, type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun, so that the connection can only end")
        code = "headers-too-large" if isinstance(exc, LineTooLong) else code_of_status(status)
        response = answer(ProblemError(code), "vi")
        response.headers["Server"] = "ioc"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.force_close()
        return response


class _Server(web.Server):
    """Makes connections."""

    def __call__(self) -> RequestHandler:
        return _Handler(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Runs an application with such connections."""

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = _Server
        return server
