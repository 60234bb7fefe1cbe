"""What the HTTP room is handed by the composition root, and under which keys handlers find it."""

import datetime as dt
import zoneinfo
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

import msgspec
from aiohttp import web

from ioc.access.policy import Person
from ioc.api.limits import Limits
from ioc.api.models_keys import BrokerOf
from ioc.audit.chain import Head
from ioc.board import Board
from ioc.gallery import Gallery
from ioc.incidents.rules import Rule
from ioc.incidents.told import Wording
from ioc.pictures import Picture
from ioc.probing import Prober
from ioc.registration.lawful import Law
from ioc.rehearsal import Rehearsals
from ioc.replay import Replayer
from ioc.soc import Tried
from ioc.store.database import Database
from ioc.store.tiles import Drawn, drawing
from ioc.tell.channels import Channels
from ioc.tile_cache import TileCache
from ioc.vault import Vault
from sensors.profile import Profile


class Pictures(Protocol):
    """Where newest pictures come from (the cameras' process)."""

    async def newest(self, code: str) -> Picture | None:
        """The newest picture of a camera, None when there is none. OSError when the process is away."""


class Watched(Protocol):
    """A camera that is watched: the codec and MP4 as it comes, or in a word why there is nothing to see."""

    codec: str
    why: str

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The MP4, in pieces."""


class LiveViews(Protocol):
    """Where live views come from (the cameras' process)."""

    def watching(self, code: str) -> AbstractAsyncContextManager[Watched]:
        """Watch a camera for as long as the block lasts. OSError when the process is away."""


class NoLiveViews:
    """There is no camera process here."""

    def watching(self, code: str) -> AbstractAsyncContextManager[Watched]:
        """Never."""
        raise ConnectionRefusedError("there is no camera process here")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What pages and answers say about this installation.

    `replay_speed` None means that no recording is played. `public_url` is the address behind a proxy
    (`https://ioc.example`), empty when clients reach this server directly. `secure_cookies` behind TLS.
    """

    centre: str
    timezone: str = "Asia/Ho_Chi_Minh"
    language: str = "vi"
    replay_speed: float | None = None
    public_url: str = ""
    secure_cookies: bool = False


def _no_levels(device: str, property_name: str) -> Mapping[str, float]:
    return {}


def _nothing() -> Mapping[str, float]:
    return {}


async def _no_soc(head: Head) -> Tried:
    return Tried(sent=False, problem="not-configured", detail="set IOC_SOC_HOST", took_ms=0)


OnRefusal = Callable[[web.Request, int, Person | None], Awaitable[None] | None]
"""Told of a request that was refused (401, 403, 429) and who asked, None for a stranger; REFUSED says why."""

REFUSED: web.RequestKey[str] = web.RequestKey("refused", str)
"""The code of the problem with which a request was refused."""


def _nobody(request: web.Request, status: int, person: Person | None) -> None:
    return None


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the HTTP room uses from outside.

    `now` gives aware moments. `replayer` feeds dead letters to the decoder again. `live_views` gives what cameras show
    as it comes. `media` is the folder of evidence
    pictures, named `<uuid>.jpg`; `wall` that of the built pages. `basemap` gives the GeoJSON of a name, None when there
    is none. `ready` tells whether all parts work, and the state of each. `levels` gives the limits of a device's
    property by severity, `interval` the seconds between two readings that are expected of a device. `counters` gives
    figures for `/metrics` by their Prometheus names. `try_soc` sends a test message to the security centre;
    `known_head` is the newest link of the audit trail that is kept apart from the database. `limits` are the budgets of
    requests. `on_refusal` is told of every refused request. `gallery` keeps the photographs of reports, None: they are
    refused; `wording` says how what people tell becomes alarms, None: as shipped. `rule_fault` says in one sentence why
    a rule that is well formed cannot be used in this installation, None when it can; `rehearsals` tries rules on stored
    history. `channels` are those by which people and units are told, None: none of them is tried. `tiles` keeps tiles
    in memory, None: each is made anew; `drawn` says how full they are and where they gather. `law` is what is asked of
    devices and cameras, `profiles` are those that devices may have. `broker` tells how devices call the broker.
    `prober` calls cameras, None: none is called; `vault` seals their passwords, None: none is taken.
    """

    database: Database
    board: Board
    replayer: Replayer
    now: Callable[[], dt.datetime]
    pictures: Pictures
    media: Path
    wall: Path
    basemap: Callable[[str], bytes | None]
    ready: Callable[[], Awaitable[tuple[bool, Mapping[str, Any]]]]
    settings: Settings
    levels: Callable[[str, str], Mapping[str, float]] = _no_levels
    interval: Callable[[str], float] = lambda device: 3600.0
    counters: Callable[[], Mapping[str, float]] = _nothing
    try_soc: Callable[[Head], Awaitable[Tried]] = _no_soc
    known_head: Callable[[], Head | None] = lambda: None
    limits: Limits = Limits()
    on_refusal: OnRefusal = _nobody
    live_views: LiveViews = NoLiveViews()
    gallery: Gallery | None = None
    wording: Wording | None = None
    broker: Callable[[], BrokerOf] = lambda: BrokerOf(host="")
    rule_fault: Callable[[Rule], str | None] = lambda rule: None
    rehearsals: Rehearsals | None = None
    channels: Channels | None = None
    tiles: TileCache | None = None
    drawn: Drawn = drawing
    law: Law = Law()
    profiles: Mapping[str, Profile] = msgspec.field(default_factory=dict)
    prober: Prober | None = None
    vault: Vault | None = None

    def here(self) -> dt.datetime:
        """This moment in the centre's zone, which tells what day it is."""
        return self.now().astimezone(zoneinfo.ZoneInfo(self.settings.timezone))


PARTS: web.AppKey[Parts] = web.AppKey("parts", Parts)
