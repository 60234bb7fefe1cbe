"""What citizens and agencies tell, as the tests need it."""

import datetime as dt
import uuid
from typing import Any

from gis.observation import Notice, Reference, Report
from gis.stamp import Stamp, digest_of
from ioc.store.notices import stamp_of
from tests.fakes.things import AI_NGHIA, NOW

AREA = "20506@2025-07-01"
MINUTE = dt.timedelta(minutes=1)


def named(word: str) -> str:
    """A UUID that stands for a word, of version 7's form, so that ids sort by the word's length and letters."""
    return str(uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_URL, word).bytes))


def report(number: str = "1", **changed: Any) -> Report:
    """A citizen's report of a flood at Ái Nghĩa through the hotline."""
    at, position = changed.pop("at", NOW), changed.pop("position", AI_NGHIA)
    stamp = Stamp(centre="dai-loc", source="1022", at=at, digest=digest_of(number.encode()), position=position)
    plain: dict[str, Any] = {
        "id": named(f"report {number}"),
        "number": number,
        "area": AREA,
        "category": "flood",
        "severity": "moderate",
        "text": "Nước ngập nửa mét",
    }
    return Report(stamp=stamp, **plain | changed)


def name(identifier: str, minutes: float = 0.0, sender: str = "dai@kttv.vn") -> Reference:
    """A notice's name: it is sent so many minutes after NOW."""
    return Reference(NOW + minutes * MINUTE, sender, identifier)


def notice(identifier: str = "a", minutes: float = 0.0, **changed: Any) -> Notice:
    """An agency's warning of a flood at Ái Nghĩa, sent so many minutes after NOW, for three hours."""
    sender, feed = changed.pop("sender", "dai@kttv.vn"), changed.get("feed", "")
    position = changed.pop("position", AI_NGHIA)
    reference = name(identifier, minutes, sender)
    plain: dict[str, Any] = {
        "id": named(f"notice {sender} {identifier} {minutes}"),
        "stamp": stamp_of("dai-loc", feed or "kttv", reference, position),
        "sender": sender,
        "identifier": identifier,
        "area": AREA,
        "category": "flood",
        "severity": "severe",
        "headline": f"Cảnh báo lũ {identifier}",
        "error_m": 900.0,
        "expires": reference.sent + dt.timedelta(hours=3),
    }
    return Notice(**plain | changed)
