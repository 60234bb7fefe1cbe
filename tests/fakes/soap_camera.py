"""A small ONVIF camera: a real HTTP server that answers SOAP, proves who asks, and has a clock of its own."""

import asyncio
import base64
import contextlib
import datetime as dt
import hashlib
import re
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from tests.fakes.eyes import pulled

USER, PASSWORD = "viewer", "a pass & word"

_FAULT = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:ter="http://www.onvif.org/ver10/error"><s:Body>'
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:{code}</s:Value></s:Subcode></s:Code>"
    '<s:Reason><s:Text xml:lang="en">{text}</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>'
)
_BODY = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{}</s:Body></s:Envelope>'


class SoapCamera:
    """What it is asked is listed in `asked`; `proofs` counts good and bad proofs of the account.

    `demands` is none, wsse or digest; `faults` are the next answers by operation; `recorded` replaces answers by those
    of a real camera, `whole` by those of one with their envelope; `late_s` holds answers back. What is not known is not
    supported.
    """

    def __init__(self) -> None:
        self.demands = "wsse"
        self.password = PASSWORD
        self.ahead = dt.timedelta()
        self.lease_s = 600.0
        self.asked: list[str] = []
        self.proofs = {"good": 0, "bad": 0}
        self.faults: dict[str, list[tuple[int, str]]] = {}
        self.recorded: dict[str, str] = {}
        self.whole: dict[str, bytes] = {}
        self.late_s: dict[str, float] = {}
        self.events: asyncio.Queue[tuple[str, ...]] = asyncio.Queue()
        self.handed: list[str] = []
        self.port = 0
        self.address = "http://192.168.1.64/onvif/sub/7"
        self._nonce = 0

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.ahead

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/onvif/device_service"

    async def answer(self, request: web.Request) -> web.Response:
        """One request."""
        said = (await request.read()).decode()
        operation = re.search(r"<s:Body><(\w+)", said)
        name = operation[1] if operation else "?"
        self.asked.append(name)
        if name != "GetSystemDateAndTime" and not self._known(request, said):
            if self.demands == "digest":
                self._nonce += 1
                challenge = f'Digest realm="cam, one", qop="auth,auth-int", nonce="n{self._nonce}", algorithm=MD5'
                return web.Response(status=401, headers={"WWW-Authenticate": challenge})
            return self._said(_FAULT.format(code="NotAuthorized", text="Sender not Authorized"), 400)
        if self.faults.get(name):
            status, body = self.faults[name].pop(0)
            return self._said(_FAULT.format(code=body, text=body) if status == 500 else body, status)
        await asyncio.sleep(self.late_s.get(name, 0.0))
        if name in self.whole:
            return web.Response(body=self.whole[name], content_type="application/soap+xml")
        if name in self.recorded:
            return self._said(_BODY.format(self.recorded[name]), 200)
        known = getattr(self, f"_{name}", None)
        if known is None:
            return self._said(_FAULT.format(code="ActionNotSupported", text="Optional Action Not Implemented"), 500)
        return self._said(await known(said), 200)

    def _said(self, text: str, status: int) -> web.Response:
        return web.Response(status=status, body=text.encode(), content_type="application/soap+xml")

    def _known(self, request: web.Request, said: str) -> bool:
        if self.demands == "none":
            return True
        good = self._digest(request) if self.demands == "digest" else self._token(said)
        self.proofs["good" if good else "bad"] += 1
        return good

    def _token(self, said: str) -> bool:
        """As the UsernameToken profile says, and not older than five seconds by the camera's own clock."""
        parts = [
            re.search(rf"<\w:{name}(?: [^>]*)?>([^<]*)<", said) for name in ("Username", "Password", "Nonce", "Created")
        ]
        if not all(parts):
            return False
        user, digest, nonce, created = (part[1] for part in parts if part)
        mixed = hashlib.sha1(
            base64.b64decode(nonce) + created.encode() + self.password.encode(), usedforsecurity=False
        ).digest()
        age = abs((self.now() - dt.datetime.fromisoformat(created)).total_seconds())
        return user == USER and base64.b64encode(mixed).decode() == digest and age < 5

    def _digest(self, request: web.Request) -> bool:
        said = dict(
            re.findall(r'(\w+)="?([^",]+)"?', request.headers.get("Authorization", "").replace("cam, one", "x"))
        )
        if said.get("nonce") != f"n{self._nonce}":
            return False

        def mixed(text: str) -> str:
            return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

        secret = mixed(f"{USER}:cam, one:{self.password}")
        deed = mixed(f"POST:{request.path_qs}")
        counted = f"{said['nonce']}:{said['nc']}:{said['cnonce']}:auth"
        return said["response"] == mixed(f"{secret}:{counted}:{deed}") and said["uri"] == request.path_qs

    async def _GetSystemDateAndTime(self, _: str) -> str:  # noqa: N802
        now = self.now()
        parts = {"Time": ("Hour", "Minute", "Second"), "Date": ("Year", "Month", "Day")}
        inner = "".join(
            f"<t:{outer}>"
            + "".join(f"<t:{one}>{getattr(now, one.lower())}</t:{one}>" for one in names)
            + f"</t:{outer}>"
            for outer, names in parts.items()
        )
        return _BODY.format(
            '<d:GetSystemDateAndTimeResponse xmlns:d="http://www.onvif.org/ver10/device/wsdl" '
            'xmlns:t="http://www.onvif.org/ver10/schema"><d:SystemDateAndTime><t:UTCDateTime>'
            f"{inner}</t:UTCDateTime></d:SystemDateAndTime></d:GetSystemDateAndTimeResponse>"
        )

    async def _GetCapabilities(self, _: str) -> str:  # noqa: N802
        return _BODY.format(
            '<d:GetCapabilitiesResponse xmlns:d="http://www.onvif.org/ver10/device/wsdl" '
            'xmlns:t="http://www.onvif.org/ver10/schema"><d:Capabilities><t:Events>'
            "<t:XAddr>http://192.168.1.64/onvif/event_service</t:XAddr></t:Events></d:Capabilities>"
            "</d:GetCapabilitiesResponse>"
        )

    def _times(self) -> str:
        until = self.now() + dt.timedelta(seconds=self.lease_s)
        form = "%Y-%m-%dT%H:%M:%SZ"
        return (
            f"<n:CurrentTime>{self.now().strftime(form)}</n:CurrentTime>"
            f"<n:TerminationTime>{until.strftime(form)}</n:TerminationTime>"
        )

    async def _CreatePullPointSubscription(self, _: str) -> str:  # noqa: N802
        return _BODY.format(
            '<e:CreatePullPointSubscriptionResponse xmlns:e="http://www.onvif.org/ver10/events/wsdl" '
            'xmlns:n="http://docs.oasis-open.org/wsn/b-2" xmlns:a="http://www.w3.org/2005/08/addressing">'
            f"<e:SubscriptionReference><a:Address>{self.address}</a:Address><a:ReferenceParameters>"
            '<x:SubscriptionId xmlns:x="urn:x">7</x:SubscriptionId></a:ReferenceParameters></e:SubscriptionReference>'
            f"{self._times()}</e:CreatePullPointSubscriptionResponse>"
        )

    async def _PullMessages(self, said: str) -> str:  # noqa: N802
        self.handed += re.findall(r"<SubscriptionId[^>]*>([^<]*)<", said)
        wait = re.search(r"<Timeout>PT(\d+)S", said)
        messages: tuple[str, ...] = ()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(float(wait[1]) if wait else 1.0):
                messages = await self.events.get()
        return pulled(*messages).decode().replace("2026-11-22T01:00:00Z", self.now().strftime("%Y-%m-%dT%H:%M:%SZ"))

    async def _Renew(self, _: str) -> str:  # noqa: N802
        return _BODY.format(
            f'<n:RenewResponse xmlns:n="http://docs.oasis-open.org/wsn/b-2">{self._times()}</n:RenewResponse>'
        )

    async def _Unsubscribe(self, _: str) -> str:  # noqa: N802
        return _BODY.format('<n:UnsubscribeResponse xmlns:n="http://docs.oasis-open.org/wsn/b-2"/>')


@contextlib.asynccontextmanager
async def soap_camera(**settings: Any) -> AsyncIterator[SoapCamera]:
    """A camera on a free port."""
    camera = SoapCamera()
    for name, value in settings.items():
        setattr(camera, name, value)
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", camera.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        camera.port = runner.addresses[0][1]
        yield camera
    finally:
        await runner.cleanup()
