"""What a camera says of itself over ONVIF, out of its answers. No I/O.

Makers differ in namespaces, versions and in what they leave out, so elements are found by local names wherever they
are, and what is missing is empty or None. All texts are cut to what a register keeps.
"""

import datetime as dt
import math
import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import msgspec

from cameras.foreign import number
from cameras.onvif_xml import Element

MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
EVENTS = "http://www.onvif.org/ver10/events/wsdl"

LONGEST = 120
MOST_PROFILES = 32
MOST_EVENTS = 200
LONGEST_URI = 1000
LONG_SECRET = 8
"""A shorter password may be a part of any word, of `rtsp` for one."""


class Information(msgspec.Struct, frozen=True, kw_only=True):
    """Who made it and what it is."""

    maker: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """Where its services are, by its own words; empty where it has none."""

    media: str = ""
    media2: str = ""
    events: str = ""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A stream that it offers. Codec in lower case, size in pixels, pictures a second at the most."""

    token: str
    name: str
    codec: str = ""
    width: int | None = None
    height: int | None = None
    fps: float | None = None


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """Where it believes to stand (WGS 84 degrees), and where it looks (clockwise from north), if it knows."""

    lon: float
    lat: float
    bearing: float | None = None


def below(element: Element, name: str) -> Iterator[Element]:
    """All elements of a local name below one, in the order of the document, those inside others of them too."""
    for child in element.children:
        if child.name == name:
            yield child
        yield from below(child, name)


def first(element: Element, *names: str) -> Element | None:
    """The first element of the first of these names that is there at all."""
    return next((one for name in names for one in below(element, name)), None)


def text_of(element: Element, *names: str) -> str:
    """The text of the first such element on one line, cut."""
    found = first(element, *names)
    return " ".join(found.text.split())[:LONGEST] if found is not None else ""


def clock(root: Element) -> dt.datetime | None:
    """The time in UTC of a GetSystemDateAndTimeResponse, None when it tells none."""
    utc = first(root, "UTCDateTime")
    if utc is None:
        return None
    parts = [_whole(text_of(utc, name)) for name in ("Year", "Month", "Day", "Hour", "Minute", "Second")]
    whole = [part for part in parts if part is not None]
    if len(whole) != len(parts):
        return None
    try:
        return dt.datetime(whole[0], whole[1], whole[2], whole[3], whole[4], min(whole[5], 59), tzinfo=dt.UTC)
    except (ValueError, OverflowError):
        return None


def information(root: Element) -> Information:
    """Out of a GetDeviceInformationResponse."""
    return Information(
        maker=text_of(root, "Manufacturer"),
        model=text_of(root, "Model"),
        firmware=text_of(root, "FirmwareVersion"),
        serial=text_of(root, "SerialNumber"),
    )


def services(root: Element) -> Services:
    """Out of a GetServicesResponse or a GetCapabilitiesResponse."""
    found: dict[str, str] = {}
    for one in below(root, "Service"):
        space, address = text_of(one, "Namespace").lower(), _uri(one, "XAddr")
        for name, wanted in (("media2", MEDIA2), ("media", MEDIA), ("events", EVENTS)):
            if space == wanted.lower() and address:
                found.setdefault(name, address)
    for name, element in (("media", "Media"), ("media2", "Media2"), ("events", "Events")):
        for one in below(root, element):
            address = _uri(one, "XAddr")
            if address:
                found.setdefault(name, address)
    return Services(**found)


def profiles(root: Element) -> tuple[Profile, ...]:
    """Out of a GetProfilesResponse of either media service, in the camera's order; those without video are left out."""
    found: list[Profile] = []
    known: set[str] = set()
    for one in below(root, "Profiles"):
        token = one.attributes.get("token", "") or text_of(one, "token")
        if not token or token in known or len(token) > LONGEST or not _has_video(one):
            continue
        known.add(token)
        found.append(_profile(one, token))
        if len(found) >= MOST_PROFILES:
            break
    return tuple(found)


def _has_video(element: Element) -> bool:
    """Whether a profile has a picture: one without any configuration may have, one with metadata or sound alone not."""
    names = ("VideoEncoderConfiguration", "VideoEncoder", "VideoSourceConfiguration", "VideoSource")
    others = ("MetadataConfiguration", "Metadata", "AudioEncoderConfiguration", "AudioEncoder")
    return first(element, *names) is not None or first(element, *others) is None


def _profile(element: Element, token: str) -> Profile:
    encoder = first(element, "VideoEncoderConfiguration", "VideoEncoder")
    name = next((child for child in element.children if child.name == "Name"), None)
    called = " ".join(name.text.split())[:LONGEST] if name is not None else ""
    if encoder is None:
        return Profile(token=token, name=called or token)
    size, control = first(encoder, "Resolution"), first(encoder, "RateControl")
    width, height = (_whole(text_of(size, side)) if size is not None else None for side in ("Width", "Height"))
    return Profile(
        token=token,
        name=called or token,
        codec=codec_of(text_of(encoder, "Encoding")),
        width=width or None,
        height=height or None,
        fps=_rate(control),
    )


def codec_of(text: str) -> str:
    """A codec as we name it."""
    plain = text.strip().lower().replace(".", "").replace("-", "")
    known = {"h265": "hevc", "hevc": "hevc", "h264": "h264", "jpeg": "mjpeg", "mpeg4": "mpeg4", "mp4vesm4v": "mpeg4"}
    return known.get(plain, plain[:20])


def _rate(control: Element | None) -> float | None:
    if control is None:
        return None
    rate = number(text_of(control, "FrameRateLimit") or control.attributes.get("FrameRateLimit", ""))
    return float(rate) if rate is not None and 0 < rate <= 1000 else None


def uri(root: Element) -> str:
    """The address of a GetStreamUriResponse or GetSnapshotUriResponse of either media service; empty without one."""
    return _uri(root, "Uri")


def _uri(element: Element, name: str) -> str:
    found = first(element, name)
    text = found.text if found is not None else ""
    return text if len(text) <= LONGEST_URI and text.isprintable() and " " not in text and "\\" not in text else ""


def events(root: Element) -> tuple[str, ...]:
    """The topics of a GetEventPropertiesResponse, as `RuleEngine/LineDetector/Crossed`, sorted."""
    found: set[str] = set()
    for topics in below(root, "TopicSet"):
        _topics(topics, "", found)
    return tuple(sorted(found))


def _topics(element: Element, path: str, found: set[str]) -> None:
    for child in element.children:
        if child.name == "MessageDescription" or len(found) >= MOST_EVENTS:
            continue
        here = f"{path}/{child.name}" if path else child.name
        told = child.attributes.get("topic", "").strip().lower() in ("true", "1")
        if (told or any(one.name == "MessageDescription" for one in child.children)) and len(here) <= LONGEST * 2:
            found.add(here)
        _topics(child, here, found)


def located(root: Element) -> Located | None:
    """Out of a GetGeoLocationResponse; None without a place, and at 0, 0, which says that nobody entered one."""
    for place in below(root, "GeoLocation"):
        lon, lat = (_degrees(place, name, most) for name, most in (("lon", 180.0), ("lat", 90.0)))
        if lon is None or lat is None or (lon == 0 and lat == 0):
            continue
        turned = first(root, "GeoOrientation")
        yaw = number(turned.attributes.get("yaw", "") or text_of(turned, "yaw")) if turned is not None else None
        bearing = round(float(yaw) % 360.0, 1) if yaw is not None and math.isfinite(yaw) else None
        return Located(lon=lon, lat=lat, bearing=bearing)
    return None


def _degrees(place: Element, name: str, most: float) -> float | None:
    found = number(place.attributes.get(name, "") or text_of(place, name))
    return float(found) if found is not None and abs(found) <= most else None


def _whole(text: str) -> int | None:
    found = number(text)
    return int(found) if found is not None and abs(found) < 100_000 else None


_SECRET = re.compile(r"((?:pass|pwd|psw|secret|auth)[a-z]*=)[^&_/?#]+", re.IGNORECASE)


def shown(address: str, password: str = "") -> str:
    """An address of a camera as it may be told: without account, and without what looks like a password in it."""
    parts = urlsplit(address)
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
    return hidden(_SECRET.sub(r"\1***", plain), password)


def hidden(text: str, password: str) -> str:
    """A text without a password, however it is written in an address; a short one is looked for as a value alone."""
    for form in {password, quote(password), quote(password, safe="")} if password else ():
        if len(password) >= LONG_SECRET:
            text = text.replace(form, "***")
        else:
            text = re.sub(rf"(?<=[=:]){re.escape(form)}(?=[&_/?#@\s]|\Z)", "***", text)
    return text
