"""Which losses people are told of: a device, all devices behind a gateway, or all of a centre, as one.

Pure: the devices that are silent go in, what should hold comes out. Only alarms are held back here; the states of
devices and streams are always those that are seen.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

import msgspec

from gis.freshness import STALE_AFTER

CENTRE_LEAST, CENTRE_SHARE = 3, 0.8
"""A centre's link is down when so many of its devices fell silent together, and such a share of them."""

GATEWAY_LEAST = 2
"""A gateway is lost when all of its devices fell silent together, and they are at least so many."""


class Silent(msgspec.Struct, frozen=True, kw_only=True):
    """A device that is stale or lost, and was heard at least once."""

    code: str
    centre: str
    gateway: str | None
    lost: bool
    heard_at: dt.datetime
    interval_s: float


class Condition(msgspec.Struct, frozen=True, order=True):
    """What may be told: `kind` is device, gateway or centre; `code` says which."""

    kind: str
    code: str


Due = Callable[[Silent], bool]


def together(devices: Iterable[Silent]) -> list[Silent]:
    """Those that may have fallen silent at one moment: that of the newest word from any of them.

    Each was then heard within the two intervals before it; whoever was silent longer was lost on its own.
    """
    listed = list(devices)
    last = max((one.heard_at for one in listed), default=None)
    if last is None:
        return []
    return [one for one in listed if one.heard_at >= last - dt.timedelta(seconds=STALE_AFTER * one.interval_s)]


def conditions(
    silent: Collection[Silent], fresh: Mapping[Condition, int], holding: Collection[Condition], due: Due
) -> set[Condition]:
    """What should hold now. `fresh` counts the devices that are heard, by centre and gateway.

    `due` says whether a lost device was silent for long enough to be told of. What holds goes on until it is over;
    while a centre or gateway is told of, none of its devices is told of anew.
    """
    wanted = set[Condition]()
    for kind, groups in (("centre", _by(silent, "centre")), ("gateway", _by(silent, "gateway"))):
        for code, devices in groups.items():
            group = Condition(kind, code)
            fell = together(devices)
            if _down(kind, len(fell), fresh.get(group, 0)) and (group in holding or _told(fell, wanted, due)):
                wanted.add(group)
    for one in silent:
        device = Condition("device", one.code)
        if one.lost and (device in holding or (not _covered(one, wanted) and due(one))):
            wanted.add(device)
    return wanted


def _told(devices: Iterable[Silent], wanted: Collection[Condition], due: Due) -> bool:
    return any(one.lost and not _covered(one, wanted) and due(one) for one in devices)


def _down(kind: str, silent: int, fresh: int) -> bool:
    if kind == "centre":
        return silent >= CENTRE_LEAST and silent >= CENTRE_SHARE * (silent + fresh)
    return silent >= GATEWAY_LEAST and fresh == 0


def _covered(one: Silent, wanted: Collection[Condition]) -> bool:
    return Condition("centre", one.centre) in wanted or Condition("gateway", one.gateway or "") in wanted


def _by(silent: Iterable[Silent], name: str) -> dict[str, list[Silent]]:
    groups: defaultdict[str, list[Silent]] = defaultdict(list)
    for one in silent:
        if code := getattr(one, name):
            groups[code].append(one)
    return groups
