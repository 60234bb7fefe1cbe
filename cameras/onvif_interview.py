"""Asks one camera over ONVIF all that a register wants to know, step by step, each failure under its name.

Nothing is asked that changes anything. The clock comes first, without an account, so that a wrong one spoils no proof
of identity; an account that was refused is not shown again. After that, what can be asked side by side is.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape

import msgspec

from cameras import onvif_probe
from cameras.failure import UnansweredError
from cameras.onvif_probe import EVENTS, MEDIA, MEDIA2, Information, Located, Profile, Services
from cameras.onvif_xml import SCHEMA, Element, XmlError
from cameras.soap_caller import DEVICE, SoapCaller, SoapError, ours

CLOCK_OFF_S = 5.0
"""A clock that is wrong by more makes events late or early, and proofs of identity fail with other programs."""
STREAMS = 8
"""Of so many profiles the addresses are asked."""
AT_ONCE = 4
LARGEST_ANSWER = 1024 * 1024


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a step: `failure` is a word, empty when it went well; `facts` fill the sentence about it."""

    step: str
    failure: str = ""
    facts: Mapping[str, str] = {}

    @property
    def ok(self) -> bool:
        """Whether it went well."""
        return not self.failure


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """A profile with the addresses that the camera names for it; empty when it names none."""

    profile: Profile
    stream: str = ""
    snapshot: str = ""


class FailedError(Exception):
    """A question without a usable answer."""

    def __init__(self, code: str, said: str = "") -> None:
        super().__init__(code)
        self.code, self.said = code, said


class Interview:
    """One camera, at the address of its device service. What was learnt is in the fields, also when it was cut off.

    `now` is our wall clock; `answer_s` bounds each question (monotonic).
    """

    def __init__(self, url: str, soap: SoapCaller, now: Callable[[], dt.datetime], *, answer_s: float = 3.0) -> None:
        self._url, self._soap, self._now, self._answer_s = url, soap, now, answer_s
        self._few = asyncio.Semaphore(AT_ONCE)
        self.steps: list[Step] = []
        self.information = Information()
        self.skew_s: float | None = None
        self.streams: tuple[Stream, ...] = ()
        self.events: tuple[str, ...] = ()
        self.located: Located | None = None

    @property
    def answered(self) -> bool:
        """Whether an ONVIF camera answered at all."""
        return any(one.step in ("clock", "identity") and one.failure in ("", "wrong_clock") for one in self.steps)

    @property
    def refused(self) -> bool:
        """Whether the account was refused."""
        return any(one.failure == "unauthorised" for one in self.steps)

    async def run(self) -> None:
        """Ask everything; ends early when there is no sense in asking on."""
        if not await self._clock() or not await self._identity():
            return
        found = await self._services()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._profiles(found), name="profiles")
            tasks.create_task(self._events(found), name="events")
            tasks.create_task(self._position(), name="position")

    def _note(self, step: str, failure: str = "", **facts: str) -> None:
        self.steps.append(Step(step=step, failure=failure, facts=facts))

    async def _clock(self) -> bool:
        """Whether it makes sense to go on."""
        body = f'<GetSystemDateAndTime xmlns="{DEVICE}"/>'
        try:
            told = onvif_probe.clock(await self._ask(self._url, body, f"{DEVICE}/GetSystemDateAndTime", proof=False))
        except FailedError as error:
            on = error.code in ("unauthorised", "fault")
            named = "no_clock" if on else "not_onvif" if error.code == "status" else error.code
            self._note("clock", named, said=error.said)
            return on
        if told is None:
            self._note("clock", "no_clock")
            return True
        self._soap.ahead = told - self._now()
        self.skew_s = round(self._soap.ahead.total_seconds(), 1)
        wrong = abs(self.skew_s) > CLOCK_OFF_S
        self._note("clock", "wrong_clock" if wrong else "", skew=f"{self.skew_s:+.1f}")
        return True

    async def _identity(self) -> bool:
        """Whether the account is taken."""
        body = f'<GetDeviceInformation xmlns="{DEVICE}"/>'
        try:
            root = await self._ask(self._url, body, f"{DEVICE}/GetDeviceInformation")
        except FailedError as error:
            self._note("identity", error.code, said=error.said)
            return error.code == "fault"
        self.information = one = onvif_probe.information(root)
        self._note("identity", maker=one.maker, model=one.model, firmware=one.firmware)
        return True

    async def _services(self) -> Services:
        """Where its services are, by whichever of the two questions it answers."""
        old = f'<GetCapabilities xmlns="{DEVICE}"><Category>All</Category></GetCapabilities>'
        new = f'<GetServices xmlns="{DEVICE}"><IncludeCapability>false</IncludeCapability></GetServices>'
        told = await asyncio.gather(
            self._ask(self._url, new, f"{DEVICE}/GetServices"),
            self._ask(self._url, old, f"{DEVICE}/GetCapabilities"),
            return_exceptions=True,
        )
        found = [onvif_probe.services(one) for one in told if isinstance(one, Element)]
        other = [one for one in told if isinstance(one, BaseException) and not isinstance(one, FailedError)]
        if other:
            raise other[0]
        names = ("media", "media2", "events")
        best = Services(**{name: next((at for one in found if (at := getattr(one, name))), "") for name in names})
        offered = [name for name in names if getattr(best, name)]
        failed = next((one for one in told if isinstance(one, FailedError)), None)
        if offered:
            self._note("services", offered=", ".join(offered))
        else:
            self._note("services", failed.code if failed is not None and not found else "not_offered")
        return best

    async def _profiles(self, services: Services) -> None:
        try:
            profiles, space, url = await self._listed(services)
        except FailedError as error:
            self._note("profiles", error.code, said=error.said)
            return
        if not profiles:
            self._note("profiles", "not_offered")
            return
        self._note("profiles", number=str(len(profiles)))
        self.streams = tuple(Stream(profile=one) for one in profiles)
        wanted = profiles[:STREAMS]
        streams = [self._uri(url, stream_body(space, one.token), f"{space}/GetStreamUri") for one in wanted]
        snapshots = [self._uri(url, snapshot_body(space, one.token), f"{space}/GetSnapshotUri") for one in wanted]
        told = await asyncio.gather(*streams, *snapshots)
        pairs = list(zip(told[: len(wanted)], told[len(wanted) :], strict=True))
        known = tuple(
            Stream(profile=one, stream=_good(stream), snapshot=_good(snapshot))
            for one, (stream, snapshot) in zip(wanted, pairs, strict=True)
        )
        self.streams = known + self.streams[len(known) :]
        self._noted("streams", [stream for stream, _ in pairs])
        self._noted("snapshots", [snapshot for _, snapshot in pairs])

    async def _listed(self, services: Services) -> tuple[tuple[Profile, ...], str, str]:
        """The profiles, and the service that named them: the newer one, which knows H.265, where it has any."""
        if services.media2:
            url, body = (
                ours(services.media2, self._url),
                f'<GetProfiles xmlns="{MEDIA2}"><Type>All</Type></GetProfiles>',
            )
            try:
                found = onvif_probe.profiles(await self._ask(url, body, f"{MEDIA2}/GetProfiles"))
            except FailedError:
                found = ()
            if found or not services.media:
                return found, MEDIA2, url
        url = ours(services.media, self._url) if services.media else self._url
        root = await self._ask(url, f'<GetProfiles xmlns="{MEDIA}"/>', f"{MEDIA}/GetProfiles")
        return onvif_probe.profiles(root), MEDIA, url

    async def _uri(self, url: str, body: str, action: str) -> str | FailedError:
        try:
            return onvif_probe.uri(await self._ask(url, body, action)) or FailedError("not_offered")
        except FailedError as error:
            return error

    def _noted(self, step: str, told: list[str | FailedError]) -> None:
        named = sum(isinstance(one, str) for one in told)
        if named:
            self._note(step, number=str(named))
            return
        failed = next((one for one in told if isinstance(one, FailedError)), FailedError("not_offered"))
        self._note(step, "not_offered" if failed.code == "fault" else failed.code, said=failed.said)

    async def _events(self, services: Services) -> None:
        if not services.events:
            self._note("events", "not_offered")
            return
        url, body = ours(services.events, self._url), f'<GetEventProperties xmlns="{EVENTS}"/>'
        try:
            root = await self._ask(url, body, f"{EVENTS}/EventPortType/GetEventPropertiesRequest")
        except FailedError as error:
            self._note("events", "not_offered" if error.code == "fault" else error.code, said=error.said)
            return
        self.events = onvif_probe.events(root)
        self._note("events", "" if self.events else "not_offered", number=str(len(self.events)))

    async def _position(self) -> None:
        try:
            root = await self._ask(self._url, f'<GetGeoLocation xmlns="{DEVICE}"/>', f"{DEVICE}/GetGeoLocation")
        except FailedError as error:
            absent = error.code in ("fault", "status", "garbled", "not_onvif")
            self._note("position", "not_offered" if absent else error.code, said=error.said)
            return
        self.located = place = onvif_probe.located(root)
        if place is None:
            self._note("position", "not_offered")
        else:
            self._note("position", place=f"{place.lat:.5f}, {place.lon:.5f}")

    async def _ask(self, url: str, body: str, action: str, *, proof: bool = True) -> Element:
        """The answer's root. Raises FailedError."""
        try:
            async with self._few:
                asked = await self._soap.ask(
                    url, body, action, within_s=self._answer_s, proof=proof, most_bytes=LARGEST_ANSWER
                )
        except SoapError as error:
            raise FailedError(error.code, str(error)) from error
        except XmlError as error:
            raise FailedError("not_onvif", str(error)) from error
        except UnansweredError as error:
            raise FailedError(error.code) from error
        return asked.root


def _good(told: str | FailedError) -> str:
    return told if isinstance(told, str) else ""


def stream_body(space: str, token: str) -> str:
    """The question for a profile's stream over RTSP, of either media service."""
    if space == MEDIA2:
        asked = f"<Protocol>RTSP</Protocol><ProfileToken>{escape(token)}</ProfileToken>"
        return f'<GetStreamUri xmlns="{MEDIA2}">{asked}</GetStreamUri>'
    setup = (
        f'<StreamSetup><Stream xmlns="{SCHEMA}">RTP-Unicast</Stream>'
        f'<Transport xmlns="{SCHEMA}"><Protocol>RTSP</Protocol></Transport></StreamSetup>'
    )
    return f'<GetStreamUri xmlns="{MEDIA}">{setup}<ProfileToken>{escape(token)}</ProfileToken></GetStreamUri>'


def snapshot_body(space: str, token: str) -> str:
    """The question for a profile's still pictures."""
    return f'<GetSnapshotUri xmlns="{space}"><ProfileToken>{escape(token)}</ProfileToken></GetSnapshotUri>'
