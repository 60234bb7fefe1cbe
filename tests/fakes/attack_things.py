"""What a centre of the attack tests has, and one request at a thing of it."""

from collections.abc import Mapping
from typing import Any

import msgspec


class Things(msgspec.Struct, frozen=True, kw_only=True):
    """What one centre has. `ids` are what must not be told to others, codes and ids of every thing."""

    centre: str
    mark: str
    incident: str
    alarm: str
    waiting: str
    media: str
    device: str
    camera: str
    change: str
    letter: int
    report: str
    notice: str
    silence: str
    ticket: str
    duty: str
    message: str

    @property
    def ids(self) -> tuple[str, ...]:
        known = (self.incident, self.alarm, self.waiting, self.media, self.device, self.camera, self.change)
        return (*known, self.silence, self.ticket, self.duty, self.message, self.report, self.notice)

    @property
    def features(self) -> Mapping[str, str]:
        """The feature id in each collection that holds things of centres."""
        return {
            "incidents": self.incident,
            "alarms": self.alarm,
            "tickets": self.ticket,
            "devices": self.device,
            "cameras": self.camera,
            "camera_fov": self.camera,
            "observations_latest": f"{self.device}:water_level",
        }

    def leaks(self, answer: bytes, address: str) -> list[str]:
        """What of this centre an answer to somebody of another centre tells."""
        told = [self.mark, *(one for one in self.ids if one not in address)]
        return [one for one in told if one.encode() in answer]


class Attack(msgspec.Struct, frozen=True):
    """One request at a thing of another centre. `hidden`: the thing must seem not to be there (or be forbidden)."""

    method: str
    address: str
    body: Any = None
    hidden: bool = False

    @property
    def said(self) -> str:
        """What the request itself names: an answer that says it again tells nothing."""
        return f"{self.address} {self.body}"
