"""Topics to addresses and back. A foreign, misspelt or spoofed topic is refused with a reason."""

from collections.abc import Mapping

import msgspec

from gis.stamp import is_code
from sensors.profile import Device

ROOT = "ioc/v1"
EVERYTHING = f"{ROOT}/#"

CHANNELS = frozenset({"readings", "events", "status", "receipts", "in"})


MOST_ADDRESSES = 65536
"""Topics of which the address is remembered."""

LONGEST_REMEMBERED = 256
"""Characters of a topic above which it is taken apart each time."""

_addresses: dict[str, "Address"] = {}


class Address(msgspec.Struct, frozen=True):
    """Where a message came in: the centre and device of its topic, and the channel of the device.

    `rest` is what a gateway wrote behind `in/`.
    """

    centre: str
    device: str
    channel: str
    rest: str = ""


class ForeignTopicError(Exception):
    """The topic is not one that a device of ours may use; `code` is for counters, the text for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def address_of(topic: str) -> Address:
    """Take a topic apart. Raises ForeignTopicError when it is not `ioc/v1/{centre}/{device}/{channel}`."""
    known = _addresses.get(topic)
    if known is None:
        known = _taken_apart(topic)
        if len(_addresses) >= MOST_ADDRESSES:
            _addresses.clear()
        if len(topic) <= LONGEST_REMEMBERED:
            _addresses[topic] = known
    return known


def _taken_apart(topic: str) -> Address:
    parts = topic.split("/")
    if len(parts) < 5 or parts[0] != "ioc" or parts[1] != "v1":
        raise ForeignTopicError("topic", "the topic is not of the form ioc/v1/{centre}/{device}/{channel}")
    centre, device, channel = parts[2:5]
    if not is_code(centre) or not is_code(device):
        raise ForeignTopicError("topic", "the centre or device code in the topic is not a valid code")
    if channel not in CHANNELS or (len(parts) > 5 and channel != "in"):
        raise ForeignTopicError("topic", f"a device has no channel {'/'.join(parts[4:])[:60]!r}")
    return Address(centre, device, channel, "/".join(parts[5:]))


def registered(address: Address, register: Mapping[str, Device]) -> Device:
    """The device of an address. Raises ForeignTopicError when it is unknown or under a centre not its own."""
    device = register.get(address.device)
    if device is None:
        raise ForeignTopicError(
            "unknown_device",
            f"no device {address.device} is registered; register it, then replay this message",
        )
    if address.centre not in device.topics:
        raise ForeignTopicError(
            "wrong_centre",
            f"device {address.device} belongs to {device.centre}; mend the centre in its topic",
        )
    return device


_UNTIL = {
    "draft": "approve it and put it in use",
    "approved": "put it in use",
    "suspended": "resume it",
    "retired": "approve it again and put it in use",
}


def admit(code: str, barred: Mapping[str, str]) -> None:
    """Raise ForeignTopicError when a device or camera is registered and not in use; `barred` is their life cycle."""
    state = barred.get(code)
    if state is not None:
        raise ForeignTopicError(
            "not_in_use",
            f"{code} is {state} in the register; {_UNTIL.get(state, 'put it in use')}, then replay this message",
        )


def topic_of(centre: str, device: str, channel: str) -> str:
    """The topic of a device's channel."""
    return f"{ROOT}/{centre}/{device}/{channel}"
