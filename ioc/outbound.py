"""The one way out: HTTP to addresses that this installation may call, and to no others.

Only hosts and networks of `IOC_OUTBOUND` are called. A name is resolved once and the connection goes to the address
that was judged, so that a DNS answer that changes afterwards changes nothing. Redirects are not followed. Every answer
is bounded in size and every request in time (OWASP ASVS 1.3.6, 15.3.2; API Security Top 10 2023, API7).

Loopback, link-local (and with it the metadata services of clouds), multicast and unspecified addresses are refused,
however they are written; loopback may be allowed by a network that names it, the others never.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""(host, port) -> its addresses as text. Raises OSError when there is none."""

LARGEST_ANSWER = 1024 * 1024
CONNECT_S = 5.0
"""Seconds (monotonic) that a connection may take to be made."""

LONGEST_URL = 2000

_NAME = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?\Z")
METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254")))
"""Metadata services of clouds that lie outside the link-local networks."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class OutboundError(OSError):
    """A call that was not made, or came to nothing; `code` is for counters, the text says what to do."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Answer(msgspec.Struct, frozen=True):
    """What a server answered, with any status; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Allowed(msgspec.Struct, frozen=True):
    """Whom we may call: networks, and hosts by name."""

    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "Allowed":
        """Out of the setting: networks and host names, separated by commas. Raises ValueError naming a wrong one."""
        networks: list[Network] = []
        hosts: list[str] = []
        for part in (one.strip().lower() for one in text.split(",") if one.strip()):
            try:
                networks.append(ipaddress.ip_network(part))
            except ValueError as error:
                if not _NAME.match(part):
                    raise ValueError(f"{part!r} is neither a network such as 10.20.0.0/16 nor a host's name") from error
                hosts.append(part)
        return cls(tuple(networks), frozenset(hosts))

    def may(self, host: str, address: Ip) -> bool:
        """Whether an address may be called that `host` stands for."""
        true = plain(address)
        if true.is_link_local or true.is_multicast or true.is_unspecified or true in METADATA or _reserved(true):
            return False
        listed = any(true in network for network in self.networks if network.version == true.version)
        return listed or (host in self.hosts and not true.is_loopback)


def plain(address: Ip) -> Ip:
    """The address that is really called: IPv4 out of its forms within IPv6 (mapped, NAT64, 6to4, Teredo)."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if inner is None and address in _NAT64:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is None and int(address) >> 32 == 0 and int(address) > 1:  # the deprecated ::a.b.c.d
        inner = ipaddress.IPv4Address(int(address))
    return inner or address


def _reserved(address: Ip) -> bool:
    """Addresses that belong to nobody: 0.0.0.0/8, 240.0.0.0/4 with broadcast, site-local IPv6."""
    if isinstance(address, ipaddress.IPv4Address):
        return address in ipaddress.ip_network("0.0.0.0/8") or address in ipaddress.ip_network("240.0.0.0/4")
    return address.is_site_local


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """An address that was judged: the host as it is called, its port, and where the connection goes."""

    host: str
    port: int
    address: str


async def system(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


class Outbound:
    """Makes calls. Use as `async with Outbound.open(allowed) as outbound`."""

    def __init__(self, allowed: Allowed, session: aiohttp.ClientSession, pins: "_Pins", resolve: Resolve) -> None:
        self._allowed = allowed
        self._session = session
        self._pins = pins
        self._resolve = resolve

    @classmethod
    @asynccontextmanager
    async def open(cls, allowed: Allowed, *, resolve: Resolve = system) -> AsyncIterator["Outbound"]:
        """A way out for as long as the block lasts. Nothing of the environment (proxies, .netrc) is used."""
        pins = _Pins()
        connector = aiohttp.TCPConnector(resolver=pins, use_dns_cache=False, force_close=True, limit=200)
        async with aiohttp.ClientSession(
            connector=connector, trust_env=False, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            yield cls(allowed, session, pins, resolve)

    async def pinned(self, host: str, port: int) -> Target:
        """Judge a host, for any protocol. Raises OutboundError; resolves it once at the most."""
        host = host.strip("[]").rstrip(".").lower()
        try:
            literal: Ip | None = ipaddress.ip_address(host)
        except ValueError:
            literal = None
        if literal is None and not _NAME.match(host):
            raise OutboundError("address", f"{host[:100]!r} is neither a host's name nor an address as 10.20.0.1")
        found = [literal] if literal is not None else await self._addresses(host, port)
        good = next((address for address in found if self._allowed.may(host, address)), None)
        if good is None:
            raise OutboundError(
                "not_allowed", f"{host} may not be called: add its network or name to IOC_OUTBOUND if it may"
            )
        return Target(host=host, port=port, address=str(good))

    async def _addresses(self, host: str, port: int) -> list[Ip]:
        if host not in self._allowed.hosts and not self._allowed.networks:
            return []
        try:
            async with asyncio.timeout(CONNECT_S):
                found = await self._resolve(host, port)
            return [ipaddress.ip_address(one.partition("%")[0]) for one in found]
        except (OSError, TimeoutError, ValueError) as error:
            raise OutboundError("unresolved", f"the name {host} has no address ({type(error).__name__})") from error

    async def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        most_bytes: int = LARGEST_ANSWER,
        within_s: float = 10.0,
    ) -> Answer:
        """One request; answers with any status but a redirect. Raises OutboundError for everything else.

        `within_s` (monotonic) bounds all of it, from the name to the last byte.
        """
        try:
            async with asyncio.timeout(within_s):
                target = await self._target(url)
                return await self._ask(method, url, target, headers or {}, body, most_bytes)
        except OutboundError:
            raise
        except TimeoutError as error:
            raise OutboundError("timeout", f"no answer within {within_s:g} s") from error
        except aiohttp.ClientError as error:
            raise OutboundError("unreachable", f"the call failed ({type(error).__name__})") from error
        except OSError as error:
            raise OutboundError("unreachable", f"the call failed ({error.strerror or type(error).__name__})") from error

    async def _target(self, url: str) -> Target:
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            called = URL(url).host
        except ValueError as error:
            raise OutboundError("address", "it is no address: give http://host[:port]/path") from error
        if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > LONGEST_URL:
            raise OutboundError("address", "only http:// and https:// addresses with a host are called")
        if called != parts.hostname:  # what connects reads it by other rules than what judges
            raise OutboundError("address", "the host of the address can be read in two ways; write it plainly")
        if parts.username is not None or parts.password is not None or not url.isprintable() or "\\" in url:
            raise OutboundError("address", "an address carries no password and no odd signs; give the account apart")
        return await self.pinned(parts.hostname, port)

    async def _ask(
        self, method: str, url: str, target: Target, headers: Mapping[str, str], body: bytes | None, most_bytes: int
    ) -> Answer:
        self._pins.pin(target)
        quiet = {"Accept-Encoding": "identity", **headers}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)
        async with self._session.request(
            method, url, headers=quiet, data=body, allow_redirects=False, timeout=timeout, max_redirects=0
        ) as answer:
            if 300 <= answer.status < 400 and answer.status != 304:
                raise OutboundError("redirect", "the server sends elsewhere, which is not followed: give that address")
            data = bytearray()
            async for piece in answer.content.iter_chunked(65536):
                data += piece
                if len(data) > most_bytes:
                    raise OutboundError("too_big", f"the answer has more than {most_bytes} bytes")
            told = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status, told, bytes(data))


class _Pins(AbstractResolver):
    """Answers with the addresses that were judged, and asks nobody."""

    def __init__(self) -> None:
        self._pinned: dict[tuple[str, int], str] = {}

    def pin(self, target: Target) -> None:
        self._pinned[target.host, target.port] = target.address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self._pinned.get((host.rstrip(".").lower(), port))
        if address is None:
            raise OSError("nobody judged this host")
        version = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=version, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is held."""
