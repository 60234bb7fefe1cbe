"""Probes a camera by its address, in under ten seconds: what it is, what it offers, and one picture.

Its ONVIF service is asked in this process (`cameras/onvif_interview.py`), its stream is described by a bounded
conversation, and the picture is decoded by a process of its own (`cameras/looking.py`), so that no decoder can harm
who serves. Nothing is called that was not judged (`ioc/outbound.py`): the host is resolved once, and what the camera
names is looked for on that host alone. Nothing is kept.
"""

import asyncio
import contextlib
import datetime as dt
import errno
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from cameras import child
from cameras.camera import Address
from cameras.failure import NO_WAY, StreamError, UnansweredError
from cameras.looking_wire import Look, Order
from cameras.onvif_interview import Interview, Step
from cameras.onvif_probe import Information, Located, Profile, hidden, shown
from cameras.rtsp_knock import Described, knocked
from cameras.soap_caller import SoapCaller
from ioc import pinned
from ioc.outbound import Allowed, Answer, Outbound, OutboundError, Resolve, Target, system
from ioc.probe_address import Wanted, moved_of, stream_of, wanted_of, with_account

TOTAL_S = 9.0
"""Everything ends within this time (monotonic)."""
REACH_S = 3.0
DESCRIBE_S = 3.0
AT_ONCE = 4
"""Probes that run at once in a process; beyond it one has to ask again."""
MOST_JPEG = 512 * 1024

_NAMES = {"timeout": "silent", "too_big": "garbled", "address": "garbled"}


class BusyError(Exception):
    """Too many probes run."""


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """A stream that the camera offers, with addresses without secrets, on the host that was asked."""

    name: str
    stream: str
    snapshot: str
    codec: str
    width: int | None
    height: int | None
    fps: float | None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a probe found. Nothing in it holds the password that was given."""

    steps: Sequence[Step]
    information: Information
    profiles: Sequence[Offered]
    located: Located | None
    skew_s: float | None
    events: Sequence[str]
    picture: bytes
    took_s: float


class Prober:
    """Probes cameras. `now` is the wall clock; `spawn` starts the process that looks."""

    def __init__(self, allowed: Allowed, now: Callable[[], dt.datetime], *, resolve: Resolve = system) -> None:
        self._allowed, self._now, self._resolve = allowed, now, resolve
        self._running = 0

    async def judge(self, host: str, port: int) -> Target:
        """Where a camera's address leads. Raises OutboundError when it may not be called, or has no address."""
        async with Outbound.open(self._allowed, resolve=self._resolve) as outbound:
            return await outbound.pinned(host, port)

    async def probe(self, address: str, user: str = "", password: str = "", port: int | None = None) -> Found:
        """Probe a camera. Raises BusyError."""
        if self._running >= AT_ONCE:
            raise BusyError
        self._running += 1
        try:
            return await self._probed(address, user, password, port)
        finally:
            self._running -= 1

    async def _probed(self, address: str, user: str, password: str, port: int | None) -> Found:
        began = time.monotonic()
        try:
            wanted = wanted_of(address, user, password, port)
        except ValueError:
            return _nothing(Step(step="address", failure="address"), time.monotonic() - began)
        once = _Once(self._resolve)
        async with Outbound.open(self._allowed, resolve=once) as outbound, contextlib.AsyncExitStack() as exits:
            visit = _Visit(wanted, outbound, self._now, began + TOTAL_S)
            if await visit.judged():
                await visit.run(await exits.enter_async_context(_looker()))
            return visit.found(time.monotonic() - began)


class _Once:
    """Resolves each name once: whatever it says later in the same probe changes nothing."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._known: dict[str, Sequence[str]] = {}

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        if host not in self._known:
            self._known[host] = await self._resolve(host, port)
        return self._known[host]


def _nothing(step: Step, took_s: float) -> Found:
    return Found(
        steps=(step,), information=Information(), profiles=(), located=None, skew_s=None, events=(), picture=b"",
        took_s=round(took_s, 2),
    )  # fmt: skip


class _Visit:
    """One probe under way."""

    def __init__(self, wanted: Wanted, outbound: Outbound, now: Callable[[], dt.datetime], until: float) -> None:
        self._wanted, self._outbound, self._until = wanted, outbound, until
        self._steps: list[Step] = []
        self._stream = wanted.stream
        self._described: Described | None = None
        self._look: Look | None = None
        soap = SoapCaller(wanted.account, self._post, now=now, nonce=os.urandom)
        self._interview = Interview(wanted.onvif, soap, now)

    async def run(self, looker: "_Looker") -> None:
        """Everything, within the time; what is not done then is told."""
        self._looker, doing = looker, "onvif"
        try:
            async with asyncio.timeout(self._left()):
                if self._stream:
                    await asyncio.gather(self._ask_onvif(), self._see(self._stream))
                    return
                await self._ask_onvif()
                doing = "describe"
                if named := self._named():
                    await self._see(named)
        except TimeoutError:
            self._note(doing, "late")

    def _note(self, step: str, failure: str = "", **facts: str) -> None:
        self._steps.append(Step(step=step, failure=failure, facts=facts))

    async def judged(self) -> bool:
        """Whether the camera may be asked at all."""
        try:
            target = await self._outbound.pinned(self._wanted.host, self._wanted.onvif_port)
        except OutboundError as error:
            self._note("address", error.code, host=self._wanted.host)
            return False
        self._target = target
        self._note("address", host=self._wanted.host, address=target.address)
        return True

    async def _ask_onvif(self) -> None:
        place = f"{self._wanted.host}:{self._wanted.onvif_port}"
        if failure := await _reached(self._target.address, self._wanted.onvif_port):
            self._note("reach", failure, place=place)
            return
        self._note("reach", place=place)
        await self._interview.run()

    async def _post(
        self, method: str, url: str, *, headers: Mapping[str, str] | None, body: bytes | None, most_bytes: int,
        within_s: float,
    ) -> Answer:  # fmt: skip
        try:
            return await self._outbound(
                method, url, headers=headers, body=body, most_bytes=most_bytes, within_s=within_s
            )
        except OutboundError as error:
            raise UnansweredError(_named(error)) from error

    def _named(self) -> str:
        """The stream to look at: the first that the camera names, else where a camera without ONVIF has one."""
        for one in self._interview.streams:
            with contextlib.suppress(ValueError):
                return stream_of(one.stream, self._wanted.host)
        plain = not self._interview.answered and not self._interview.refused
        bare = f"[{self._wanted.host}]" if ":" in self._wanted.host else self._wanted.host
        return f"rtsp://{bare}/" if plain else ""

    async def _see(self, stream: str) -> None:
        """Have a stream described, then look at it."""
        self._stream = stream
        address = Address(stream)
        try:
            target = await self._outbound.pinned(address.host, address.port)
        except OutboundError as error:
            self._note("describe", error.code, host=self._wanted.host)
            return
        secret = Address(with_account(pinned.at(stream, target.address), self._wanted.account))
        try:
            self._described = await asyncio.to_thread(_described, secret, min(DESCRIBE_S, self._left()))
        except StreamError as error:
            self._note("describe", error.code, place=address.place)
            return
        video = self._described.video
        self._note("describe", codec=video.codec, place=address.place)
        await self._picture(secret, address.place)

    def _left(self) -> float:
        return max(0.1, self._until - time.monotonic())

    async def _picture(self, secret: Address, place: str) -> None:
        left = self._left() - 0.3
        try:
            async with asyncio.timeout(left):
                self._look = look = await self._looker.look(Order(url=secret.url, within_s=max(0.1, left - 0.5)))
        except TimeoutError:
            self._note("picture", "silent", place=place)
            return
        except (OSError, ValueError, msgspec.DecodeError):
            self._note("picture", "crashed", place=place)
            return
        size = f"{look.width}×{look.height}"
        self._note(
            "picture", look.failure, place=place, codec=look.codec, size=size, fps=_rate(look.fps or self._said())
        )

    def _said(self) -> float | None:
        """The rate that the stream, or else its profile, is said to have: a look that is too short measures none."""
        profile = next((one.profile for one in self._interview.streams if self._same(one)), Profile(token="", name=""))
        return self._seen(profile).fps

    def found(self, took_s: float) -> Found:
        """What was found, without the password wherever it may stand."""
        secret = self._wanted.account.password if self._wanted.account is not None else ""
        asked = self._interview
        steps = [
            msgspec.structs.replace(one, facts={name: hidden(text, secret) for name, text in one.facts.items()})
            for one in (*self._steps[:2], *asked.steps, *self._steps[2:])
        ]
        return Found(
            steps=steps,
            information=msgspec.convert(
                {name: hidden(text, secret) for name, text in msgspec.structs.asdict(asked.information).items()},
                Information,
            ),
            profiles=self._profiles(secret),
            located=asked.located,
            skew_s=asked.skew_s,
            events=asked.events,
            picture=self._look.picture if self._look is not None and len(self._look.picture) <= MOST_JPEG else b"",
            took_s=round(took_s, 2),
        )

    def _profiles(self, secret: str) -> list[Offered]:
        host = self._wanted.host
        found = []
        for one in self._interview.streams:
            stream = ""
            with contextlib.suppress(ValueError):
                stream = stream_of(one.stream, host)
            known = one.profile if stream != self._stream else self._seen(one.profile)
            found.append(_offered(known, stream, moved_of(one.snapshot, host), secret))
        if self._described is not None and not any(self._same(one) for one in self._interview.streams):
            found.insert(0, _offered(self._seen(Profile(token="", name="")), self._stream, "", secret))
        return found

    def _same(self, one: object) -> bool:
        with contextlib.suppress(ValueError):
            return stream_of(getattr(one, "stream", ""), self._wanted.host) == self._stream
        return False

    def _seen(self, profile: Profile) -> Profile:
        """A profile with what was truly seen of its stream."""
        if self._described is None:
            return profile
        video, look = self._described.video, self._look if self._look is not None and not self._look.failure else None
        return msgspec.structs.replace(
            profile,
            codec=(look.codec if look else "") or video.codec or profile.codec,
            width=(look.width if look else None) or video.width or profile.width,
            height=(look.height if look else None) or video.height or profile.height,
            fps=(look.fps if look else None) or video.fps or profile.fps,
        )


def _offered(profile: Profile, stream: str, snapshot: str, secret: str) -> Offered:
    return Offered(
        name=hidden(profile.name, secret), stream=shown(stream, secret), snapshot=shown(snapshot, secret),
        codec=profile.codec, width=profile.width, height=profile.height, fps=profile.fps,
    )  # fmt: skip


def _described(address: Address, within_s: float) -> Described:
    with knocked(address, within_s) as described:
        return described


def _rate(fps: float | None) -> str:
    return "" if fps is None else f"{fps:g}"


def _named(error: OutboundError) -> str:
    """Why a call came to nothing, in the words of the steps."""
    if error.code != "unreachable":
        return _NAMES.get(error.code, error.code)
    number = getattr(error.__cause__, "errno", None)
    if number == errno.ECONNREFUSED:
        return "refused"
    return "unreachable" if number in NO_WAY else "broken"


async def _reached(address: str, port: int) -> str:
    """Why no connection is made to a judged address, empty when one is."""
    try:
        async with asyncio.timeout(REACH_S):
            _, writer = await asyncio.open_connection(address, port)
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "unreachable"
    except OSError as error:
        return "unreachable" if error.errno in NO_WAY else "refused"
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return ""


class _Looker:
    """The process that looks, started beforehand, because loading a decoder takes a while."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def look(self, order: Order) -> Look:
        """Its answer. Raises ValueError or msgspec.DecodeError when it dies or says what nobody understands."""
        orders, answers = self._process.stdin, self._process.stdout
        if orders is None or answers is None:
            raise ValueError("it was started without its pipes")
        orders.write(msgspec.json.encode(order) + b"\n")
        await orders.drain()
        data = await answers.read(4 * MOST_JPEG)
        while not answers.at_eof() and len(data) < 4 * MOST_JPEG:
            data += await answers.read(65536)
        return msgspec.json.decode(data, type=Look)


@contextlib.asynccontextmanager
async def _looker() -> AsyncIterator[_Looker]:
    """The process, for as long as the block lasts; it inherits no secret of ours."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cameras.looking", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL, cwd=Path(__file__).parents[1], env={"LANG": "C.UTF-8"},
    )  # fmt: skip
    try:
        yield _Looker(process)
    finally:
        await child.end(process)
