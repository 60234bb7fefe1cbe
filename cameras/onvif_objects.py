"""The objects in an ONVIF event's data: class, trust, number and box (ONVIF Analytics, tt:Object), in either form."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from cameras.camera import Box
from cameras.foreign import NOWHERE, class_of, clipped, number, part_of_one, word

DEEPEST = 12


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen. `track` is the maker's number for it, empty when it has none; `exact` whether the box is."""

    name: str = ""
    score: float | None = None
    track: str = ""
    box: Box = NOWHERE
    speed_kmh: float | None = None


def thing_in(data: Mapping[str, Any], frame: tuple[float, float] | None) -> Thing:
    """The first object of a message's data, with what its simple items say beside it."""
    found = next(_objects(data, 0), {})
    appearance = _dict(found.get("Appearance"))
    name, score = _class(appearance)
    behaviour = _dict(found.get("Behaviour"))
    plain = {key.lower(): value for key, value in data.items()}
    words = plain.get("classtypes") or plain.get("classtype") or plain.get("objecttype") or plain.get("class") or ""
    name = name or (word(words).replace(",", " ").split() or [""])[0]
    score = score if score is not None else part_of_one(plain.get("likelihood") or plain.get("confidence"))
    track = found.get("@ObjectId") or plain.get("objectid") or plain.get("objectids") or ""
    metres_s = number(behaviour.get("Speed"))
    return Thing(
        name=class_of(name) if name else "",
        score=score,
        track=word(track, 60),
        box=_box(_dict(appearance.get("Shape")), _dict(appearance.get("Transformation")), frame),
        speed_kmh=round(metres_s * 3.6, 1) if metres_s is not None and metres_s >= 0 else None,
    )


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Everything that looks like a tt:Object, outermost first."""
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for one in value[:100]:
            yield from _objects(one, depth + 1)
    elif isinstance(value, dict):
        if isinstance(value.get("Appearance"), dict):
            yield value
        for one in list(value.values())[:100]:
            yield from _objects(one, depth + 1)


def _dict(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, dict) else {}


def _class(appearance: Mapping[str, Any]) -> tuple[str, float | None]:
    """The likeliest class: `Type` with @Likelihood, or the older ClassCandidate."""
    about = _dict(appearance.get("Class"))
    found: list[tuple[float, str, float | None]] = []
    for one in _list(about.get("Type")):
        text = one.get("#text", "") if isinstance(one, dict) else one
        trust = part_of_one(one.get("@Likelihood")) if isinstance(one, dict) else None
        found.append((trust or 0.0, word(text, 60), trust))
    for one in _list(about.get("ClassCandidate")):
        if isinstance(one, dict):
            trust = part_of_one(one.get("Likelihood"))
            found.append((trust or 0.0, word(one.get("Type") or "", 60), trust))
    best = max((one for one in found if one[1]), key=lambda one: one[0], default=(0.0, "", None))
    return best[1], best[2]


def _list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _box(shape: Mapping[str, Any], transformation: Mapping[str, Any], frame: tuple[float, float] | None) -> Box:
    """The box in 0..1 from the top left.

    ONVIF counts from -1 to 1, upwards, with the middle at 0 (ONVIF Analytics, "Spatial relation"). What lies outside of
    that is in pixels, and usable when the size of the picture is known.
    """
    corners = _dict(shape.get("BoundingBox"))
    sides = [number(corners.get(f"@{side}", corners.get(side))) for side in ("left", "top", "right", "bottom")]
    left, top, right, bottom = sides
    if left is None or top is None or right is None or bottom is None:
        return NOWHERE
    scale, move = _dict(transformation.get("Scale")), _dict(transformation.get("Translate"))
    if scale or move:
        sx, sy = (number(scale.get(f"@{axis}")) or 1.0 for axis in "xy")
        mx, my = (number(move.get(f"@{axis}")) or 0.0 for axis in "xy")
        left, right, top, bottom = left * sx + mx, right * sx + mx, top * sy + my, bottom * sy + my
    if all(-1.0 <= side <= 1.0 for side in (left, top, right, bottom)):
        return clipped((left + 1) / 2, (1 - top) / 2, (right + 1) / 2, (1 - bottom) / 2)
    if frame is None:
        return NOWHERE
    return clipped(left / frame[0], top / frame[1], right / frame[0], bottom / frame[1])
