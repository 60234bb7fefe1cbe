"""What the routes about keys at the broker take and answer. A key is told once, and kept nowhere."""

import datetime as dt

import msgspec


class NewKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new key is asked for; nothing is to be said about it."""


class BrokerOf(msgspec.Struct, frozen=True, kw_only=True):
    """How a device calls the broker: `port` without and `tls_port` with TLS, null where that is not offered. `ca` is
    the certificate of the authority by which the broker is known (PEM), null for one that devices know by themselves.
    """

    host: str
    port: int | None = None
    tls_port: int | None = None
    ca: str | None = None


class KeyIssued(msgspec.Struct, frozen=True, kw_only=True):
    """A new key. The device signs in with `user` and `key`; the one before is good until it does so, and no longer than
    `old_valid_until` (null: there is none)."""

    user: str
    key: str
    broker: BrokerOf
    old_valid_until: dt.datetime | None

    def __repr__(self) -> str:
        return f"KeyIssued({self.user})"
