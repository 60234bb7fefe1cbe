"""What the law asks to be known of a device or camera, and what of it is missing.

Which fields, of which things, and whether one may be in use without them is a policy: ioc/data/register.toml.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ioc.registration.record import AnyRecord, Subject

FIELDS = ("conformity", "password_changed_on", "notice_posted_on", "purpose", "retention")
"""Fields of a record that a law may ask for."""


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field that a law asks for.

    `of` are the things, `kinds` only those of them of these kinds (empty: all). `law` is said to whoever lacks it.
    `blocks`: without it a thing does not become active. `networked`: only of what has an address of its own, not of
    what speaks through a gateway.
    """

    field: str
    of: tuple[Subject, ...]
    law: str
    kinds: tuple[str, ...] = ()
    blocks: bool = False
    networked: bool = False

    def __post_init__(self) -> None:
        if self.field not in FIELDS:
            raise ValueError(f"there is no field {self.field!r} that a law asks for; there are {', '.join(FIELDS)}")

    def about(self, record: AnyRecord) -> bool:
        """Whether it is asked of this thing."""
        if record.subject not in self.of or (self.kinds and record.kind not in self.kinds):
            return False
        return not (self.networked and gateway_of(record))


class Law(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that is asked."""

    asked: tuple[Asked, ...] = ()


def law_of(table: Mapping[str, Any]) -> Law:
    """The policy of a parsed file. Raises msgspec.ValidationError naming the member that is not as agreed."""
    return msgspec.convert(table, Law)


def gateway_of(record: AnyRecord) -> str:
    """The code of what speaks for it, empty when it speaks for itself."""
    found = record.gateway if record.subject == "device" else record.settings.get("gateway")
    return str(found or "")


def unlawful(record: AnyRecord, law: Law) -> tuple[str, ...]:
    """The fields that the law misses, in the order of FIELDS. What is retired owes nothing any more."""
    return () if record.lifecycle == "retired" else _missing(record, law.asked)


def blocking(record: AnyRecord, law: Law) -> tuple[str, ...]:
    """The fields without which it may not become active, in the order of FIELDS."""
    return _missing(record, (one for one in law.asked if one.blocks))


def _missing(record: AnyRecord, asked: Iterable[Asked]) -> tuple[str, ...]:
    missing = {one.field for one in asked if one.about(record) and not getattr(record, one.field)}
    return tuple(field for field in FIELDS if field in missing)


def laws(fields: Iterable[str], record: AnyRecord, law: Law) -> str:
    """The laws that ask for these fields of a thing, for people."""
    wanted = set(fields)
    return "; ".join(dict.fromkeys(one.law for one in law.asked if one.field in wanted and one.about(record)))
