"""Asks an ONVIF camera one thing after the other, and proves who asks in the way that the camera wants.

The UsernameToken is made for the camera's own time; a camera that asks for HTTP digest gets that from then on. What
fails is told by a code and a sentence. A camera's answers are bounded and read safely (`cameras/onvif_xml.py`).
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol
from urllib.parse import urlsplit, urlunsplit

import msgspec

from cameras.onvif_xml import Element, XmlError, fault_of, parse
from cameras.soap import Account, Challenge, Nonce, envelope, token

DEVICE = "http://www.onvif.org/ver10/device/wsdl"

LARGEST_ANSWER = 256 * 1024
AHEAD_MOST = dt.timedelta(days=3650)

_REFUSED = ("notauthorized", "not authorized", "failedauthentication", "unauthorized", "senderauth")

Trouble = Literal["unauthorised", "fault", "status", "not_onvif"]


class Answer(Protocol):
    """What a camera answered; header names in lower case."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Post(Protocol):
    """Makes one bounded HTTP request. Raises OSError when there is no answer, or none may be asked for."""

    async def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str] | None, body: bytes | None, most_bytes: int,
        within_s: float,
    ) -> Answer: ...  # fmt: skip


class SoapError(Exception):
    """The camera could not be asked, or answered with a fault."""

    def __init__(self, reason: str, code: Trouble = "fault") -> None:
        super().__init__(reason)
        self.code = code

    @property
    def refused(self) -> bool:
        """Whether it does not take the account."""
        return self.code == "unauthorised"


class Asked(msgspec.Struct, frozen=True):
    """An answer as it came, and its root."""

    payload: bytes
    root: Element


class SoapCaller:
    """One camera's account. `now` is our wall clock; `ahead` is by how much the camera's clock is ahead of it.

    `requests` and `proofs` count since the start.
    """

    def __init__(self, account: Account | None, post: Post, *, now: Callable[[], dt.datetime], nonce: Nonce) -> None:
        self._account, self._post, self._now, self._nonce = account, post, now, nonce
        self._challenge: Challenge | None = None
        self._used = 0
        self.ahead = dt.timedelta()
        self.requests = self.proofs = 0

    def forget(self) -> None:
        """Begin anew with the proof that needs no challenge."""
        self._challenge, self._used = None, 0

    def heard(self, told: dt.datetime | None) -> None:
        """The camera says what time it is; one that is years away is not believed."""
        if told is not None and abs(told - self._now()) < AHEAD_MOST:
            self.ahead = told - self._now()

    async def ask(
        self,
        url: str,
        body: str,
        action: str,
        headers: Sequence[str] = (),
        *,
        within_s: float,
        proof: bool = True,
        most_bytes: int = LARGEST_ANSWER,
    ) -> Asked:
        """The answer and its root. Raises SoapError for a fault, XmlError for nonsense, OSError for no answer."""
        known = self._challenge
        answer = await self._send(url, body, action, headers, within_s, most_bytes, proof=proof)
        challenge = Challenge.of(answer.headers.get("www-authenticate", "")) if answer.status == 401 else None
        if proof and challenge is not None and self._account is not None:
            first = known is None or challenge.nonce != known.nonce
            self._challenge, self._used = challenge, 0
            if first:
                answer = await self._send(url, body, action, headers, within_s, most_bytes, proof=True)
        return _read(answer, most_bytes)

    async def _send(
        self, url: str, body: str, action: str, headers: Sequence[str], within_s: float, most_bytes: int, *, proof: bool
    ) -> Answer:
        more = list(headers)
        told = {"Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"'}
        if proof and self._account is not None:
            self.proofs += 1
            if self._challenge is not None:
                self._used += 1
                told["Authorization"] = self._challenge.answer(
                    self._account, "POST", url, self._used, self._nonce(8).hex()
                )
            else:
                more.append(token(self._account, self._now() + self.ahead, self._nonce(16)))
        self.requests += 1
        said = envelope(body, action=action, to=url, headers=more)
        return await self._post("POST", url, headers=told, body=said, most_bytes=most_bytes, within_s=within_s)


def _read(answer: Answer, most_bytes: int) -> Asked:
    if answer.status in (401, 403):
        raise SoapError("it does not take this account: check user and password", "unauthorised")
    try:
        root = parse(answer.body, most_bytes)
    except XmlError as error:
        if answer.status >= 400:
            raise SoapError(f"it answers with status {answer.status}", "status") from error
        raise
    fault = fault_of(root)
    if fault:
        refused = any(word in fault.lower() for word in _REFUSED)
        raise SoapError(f"it answers with a fault: {fault}", "unauthorised" if refused else "fault")
    if answer.status >= 400 or not any(one.name.endswith("Response") for one in _inside(root)):
        raise SoapError("what answers there is no ONVIF camera", "not_onvif")
    return Asked(answer.body, root)


def _inside(root: Element) -> list[Element]:
    """What an answer holds; some cameras leave the envelope out, or name its namespace in a way of their own."""
    if root.name.endswith("Response"):
        return [root]
    body = root if root.name == "Body" else next((one for one in root.children if one.name == "Body"), None)
    return body.children[:1] if body is not None else []


def ours(address: str, known: str) -> str:
    """An address that a camera names, on the host that we know: many cameras tell one that leads nowhere."""
    own = urlsplit(known)
    try:
        told = urlsplit(address.strip())
    except ValueError:
        return known
    if told.hostname == own.hostname:
        return address.strip()
    return urlunsplit((own.scheme, own.netloc, told.path, told.query, ""))
