"""Where a unit, or a citizens' channel, is told: a webhook, a mailing list, a gateway. Secrets go in and never out."""

import datetime as dt
import re
from typing import Literal, get_args
from urllib.parse import urlsplit

import msgspec

from ioc.tell.mail_server import MAILBOX
from ioc.tell.signing import key_of
from ioc.tell.template import PHONE, Template, TemplateError, check

Kind = Literal["webhook", "mail", "gateway", "channel"]
KINDS: tuple[Kind, ...] = get_args(Kind)

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")

ROTATION = dt.timedelta(hours=24)
"""How long requests are signed by the secret before, too, so that a receiver has time to change it."""

LONGEST_SECRET = 500


class EndpointError(ValueError):
    """An endpoint that cannot be used: `member` is what is wrong with it, the text says how. Secrets are not repeated.

    The texts stand in sentences of two languages: what is expected, as it is written, or English for a template.
    """

    def __init__(self, member: str, reason: str) -> None:
        super().__init__(reason)
        self.member = member


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint by its code; notifications for it are addressed to `@CODE`.

    `kind`: `webhook` and `channel` (the code is that of a report's channel, such as 1022) are sent signed CloudEvents
    to the address `address`; `mail` is a mailbox; `gateway` is asked by `template`, and `address` is the telephone
    number of the unit, empty where the gateway serves people's own numbers. `unit` is whose it is, empty: nobody's.
    `centre` says who may manage it. `secret` signs webhooks (`whsec_…`) or fills a gateway's `{secret}`; until
    `old_until` the one before is good, too. `version` rises with every change. It holds secrets, so it is never
    printed.
    """

    code: str
    kind: Kind
    name: str
    centre: str
    unit: str = ""
    address: str = ""
    template: Template | None = None
    secret: str = ""
    old_secret: str = ""
    old_until: dt.datetime | None = None
    enabled: bool = True
    version: int = 1
    changed_at: dt.datetime
    changed_by: str

    def __repr__(self) -> str:
        return f"Endpoint({self.kind} {self.code})"

    def keys(self, now: dt.datetime) -> list[bytes]:
        """The keys with which a request is signed at a moment, the newest first."""
        old = self.old_secret if self.old_until is not None and now < self.old_until else ""
        return [key_of(one) for one in (self.secret, old) if one]

    def rotated(self, secret: str, now: dt.datetime) -> "Endpoint":
        """With another secret; the present one stays good for a while."""
        if secret == self.secret:
            return self
        until = now + ROTATION if self.secret else None
        return msgspec.structs.replace(self, secret=secret, old_secret=self.secret, old_until=until)


def route_of(endpoint: Endpoint) -> tuple[str, str]:
    """The channel and the address by which an endpoint of a unit is told."""
    if endpoint.kind == "mail":
        return "mail", endpoint.address
    return ("gateway" if endpoint.kind == "gateway" else "webhook"), endpoint.code


def checked(endpoint: Endpoint) -> None:
    """Raise EndpointError naming the member that cannot be used."""
    if endpoint.kind in ("webhook", "channel"):
        _url(endpoint.address)
        try:
            key_of(endpoint.secret)
        except ValueError:
            raise EndpointError("secret", "whsec_ + base64 (24–64 byte)") from None
    elif endpoint.kind == "mail" and not MAILBOX.match(endpoint.address):
        raise EndpointError("address", "name@domain")
    elif endpoint.kind == "gateway":
        _gateway(endpoint)
    if endpoint.kind == "mail" and endpoint.secret:
        raise EndpointError("secret", "a mailbox has none")
    if endpoint.kind != "gateway" and endpoint.template is not None:
        raise EndpointError("template", "gateway")


def _url(address: str) -> None:
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        good = False
    if not good or not address.isascii() or not address.isprintable() or " " in address or "#" in address:
        raise EndpointError("address", "https://host/path")


def _gateway(endpoint: Endpoint) -> None:
    if endpoint.template is None:
        raise EndpointError("template", "a gateway is asked by a template")
    if endpoint.address and not PHONE.match(endpoint.address):
        raise EndpointError("address", "+84901234567")
    if endpoint.secret and not (endpoint.secret.isascii() and endpoint.secret.isprintable()):
        raise EndpointError("secret", "visible ASCII")
    try:
        check(endpoint.template)
    except TemplateError as error:
        raise EndpointError("template", str(error)) from None
