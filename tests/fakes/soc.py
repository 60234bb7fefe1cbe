"""A real syslog receiver over TLS (RFC 5425), with certificates that the machine's openssl makes."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec


class Papers(msgspec.Struct, frozen=True):
    """PEM files of an authority, of a server `localhost` and of a client, each with its key in the same file."""

    ca: str
    server: str
    client: str


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def _signed(folder: Path, name: str, subject: str, extension: str) -> str:
    key, request, made, both = (folder / f"{name}.{end}" for end in ("key", "csr", "crt", "pem"))
    new = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={subject}")
    _openssl(*new, "-keyout", str(key), "-out", str(request))
    (folder / f"{name}.ext").write_text(extension)
    ca = ("-CA", str(folder / "ca.crt"), "-CAkey", str(folder / "ca.key"), "-CAcreateserial")
    _openssl(
        "x509",
        "-req",
        "-in",
        str(request),
        *ca,
        "-days",
        "2",
        "-extfile",
        str(folder / f"{name}.ext"),
        "-out",
        str(made),
    )
    both.write_text(made.read_text() + key.read_text())
    return str(both)


def papers(folder: Path) -> Papers:
    """Fresh certificates in a folder."""
    new = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    extensions = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    files = ("-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.crt"))
    _openssl(*new, "-subj", "/CN=Test authority", *extensions, *files)
    server = _signed(folder, "server", "localhost", "subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n")
    return Papers(str(folder / "ca.crt"), server, _signed(folder, "client", "ioc", "extendedKeyUsage=clientAuth\n"))


class Receiver:
    """Takes octet-counted frames. `messages` is everything that was read whole, in its order."""

    def __init__(self, papers: Papers, *, asks_certificate: bool = False) -> None:
        self.messages: list[bytes] = []
        self.port = 0
        self.connections = 0
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(papers.server)
        if asks_certificate:
            self._context.load_verify_locations(papers.ca)
            self._context.verify_mode = ssl.CERT_REQUIRED
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._came = asyncio.Event()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self.connections += 1
        try:
            while length := await reader.readuntil(b" "):
                self.messages.append(await reader.readexactly(int(length)))
                self._came.set()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def start(self) -> None:
        """Listen, on the port of the time before if there was one."""
        self._server = await asyncio.start_server(self._take, "localhost", self.port, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Stop listening and break what is open, without a word."""
        if self._server is not None:
            self._server.close()
        for writer in [*self._open]:
            writer.transport.abort()
        await asyncio.sleep(0)

    def numbers(self) -> list[int]:
        """The places in the chain of the rows that came, in the order of their coming."""
        rows = (message for message in self.messages if b"act=audit.head" not in message)
        return [int(row.partition(b"externalId=")[2].split(b" ")[0]) for row in rows]

    async def until(self, number: int, seconds: float = 20.0) -> None:
        """Wait until a row came."""
        async with asyncio.timeout(seconds):
            while number not in self.numbers():
                self._came.clear()
                await self._came.wait()


@asynccontextmanager
async def receiving(papers: Papers, *, asks_certificate: bool = False) -> AsyncIterator[Receiver]:
    """A receiver that listens on a free port."""
    receiver = Receiver(papers, asks_certificate=asks_certificate)
    await receiver.start()
    try:
        yield receiver
    finally:
        await receiver.cut()
