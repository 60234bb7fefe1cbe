"""What the routes about endpoints and web push take and answer. Secrets are taken, and never answered."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ioc.tell.endpoint import LONGEST_SECRET, Kind
from ioc.tell.template import Template

Code = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
Place = Annotated[str, Meta(max_length=63)]


class PutEndpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An endpoint as it is to be. `expected_version` 0 makes a new one. `address`: of a webhook and a channel
    https://…, of a mail name@domain, of a gateway a unit's telephone number +84…, or empty. `secret`: of a webhook
    `whsec_` and 24 to 64 bytes in base64; null leaves it as it is, and requests are signed by the one before, too, for
    a day after it changed. `centre` empty: that of the caller, else the home centre."""

    kind: Kind
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    address: Annotated[str, Meta(max_length=2_000)] = ""
    centre: Place = ""
    unit: Place = ""
    template: Template | None = None
    secret: Annotated[str, Meta(max_length=LONGEST_SECRET)] | None = None
    enabled: bool = True
    expected_version: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


class EndpointOf(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint. `has_secret` tells that it has one; `old_secret_until` until when the one before is used, too."""

    code: str
    kind: Kind
    name: str
    centre: str
    unit: str
    address: str
    template: Template | None
    has_secret: bool
    old_secret_until: dt.datetime | None
    enabled: bool
    version: int
    changed_at: dt.datetime
    changed_by: str


class EndpointsOf(msgspec.Struct, frozen=True, kw_only=True):
    """All endpoints that the reader may manage, by their codes."""

    endpoints: list[EndpointOf]


class TryEndpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Send a test message; `to` is the telephone number, for a gateway that has none of its own."""

    to: Annotated[str, Meta(max_length=20)] = ""


class TriedEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a test message: `told` (the receiver has it), `accepted` (it was taken on), `again` (not now) or
    `refused`; in words in the caller's language, and as a reason for whoever mends it."""

    outcome: Literal["told", "accepted", "again", "refused"]
    words: str
    reason: str
    took_ms: int


class PushKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a browser's subscription, in base64url."""

    p256dh: Annotated[str, Meta(max_length=200)]
    auth: Annotated[str, Meta(max_length=100)]


class Subscribe(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"expires": "expirationTime"}
):
    """A browser's subscription, as `PushSubscription.toJSON` gives it (W3C Push API)."""

    endpoint: Annotated[str, Meta(min_length=1, max_length=1_000)]
    keys: PushKeys
    expires: float | None = None


class Unsubscribe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A browser that is to be told nothing more."""

    endpoint: Annotated[str, Meta(min_length=1, max_length=1_000)]


class PushOf(msgspec.Struct, frozen=True, kw_only=True):
    """Whether web push is on, the key that browsers subscribe with (base64url), and how many of the caller's did."""

    enabled: bool
    public_key: str
    subscriptions: int
