"""CAP: every good message of the shared ones is read, every bad one is refused with one sentence, none of anything
else breaks the reader."""

import contextlib
import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import cap
from feeds.cap import CapError
from gis.observation import Reference
from gis.position import Position
from tests.fakes.shared import real_examples

SPACE = "urn:oasis:names:tc:emergency:cap:1.2"
HEAD = {
    "identifier": "a1",
    "sender": "dai@kttv.vn",
    "sent": "2025-10-29T07:00:00+07:00",
    "status": "Actual",
    "msgType": "Alert",
    "scope": "Public",
}
INFO = {
    "language": "vi-VN",
    "category": "Met",
    "event": "Lũ",
    "urgency": "Immediate",
    "severity": "Severe",
    "certainty": "Observed",
}
GOOD = {
    "australia.cap": ("1.2", "Alert", 2), "canada.cap": ("1.2", "Update", 2), "earthquake.cap": ("1.1", "Alert", 1),
    "google-PAAQ-4-mg5a94.xml": ("1.2", "Update", 1), "ipaws-5e6dd9de023f1930ef6548d9.xml": ("1.2", "Cancel", 0),
    "no_optional_fields.cap": ("1.1", "Alert", 0), "thunderstorm.cap": ("1.2", "Alert", 1),
    "v1dot2_appendix_adot1.xml": ("1.2", "Alert", 1), "v1dot2_appendix_adot2.xml": ("1.2", "Alert", 1),
    "wcatwc-warning.cap": ("1.2", "Update", 1), "weather.cap": ("1.1", "Alert", 1),
}  # fmt: skip
BAD = {
    "invalid.cap": "it lacks <scope>, which CAP requires",
    "noaa_errors.cap": "it lacks <urgency>, which CAP requires",
    "earthquake_index.atom": "it is no CAP alert: its root is <feed>",
    "ny_index.rss": "it is no CAP alert: its root is <rss>",
    "weather.atom": "it is no CAP alert: its root is <feed>",
    "nws_atom_feed_example.xml": "it is no CAP alert: its root is <feed>",
}


def shared(name: str) -> Path:
    """A message of the shared ones, which stand beside the repository and are not part of it."""
    folder = real_examples("messages/cap")
    if folder is None:
        pytest.skip(f"../shared is not here: {name} is not read")
    return folder / name


def element(name: str, inner: str) -> str:
    return f"<{name}>{inner}</{name}>"


def info(*more: str, **changed: str | None) -> str:
    words = INFO | changed
    return element(
        "info", "".join(element(name, text) for name, text in words.items() if text is not None) + "".join(more)
    )


def message(*more: str, space: str = SPACE, **changed: str | None) -> bytes:
    words = HEAD | changed
    inner = "".join(element(name, text) for name, text in words.items() if text is not None) + "".join(more)
    return f'<alert xmlns="{space}">{inner}</alert>'.encode()


def area(*more: str) -> str:
    return element("area", element("areaDesc", "Hội An") + "".join(more))


def refused(payload: bytes) -> CapError:
    with pytest.raises(CapError) as told:
        cap.read(payload)
    assert re.fullmatch(r"(it|its) [^\n]+", str(told.value))
    return told.value


@pytest.mark.parametrize("name", GOOD)
def test_every_good_message_is_read(name: str) -> None:
    alert = cap.read(shared(name).read_bytes())
    assert (alert.version, alert.kind, len(alert.infos)) == GOOD[name]
    assert alert.sent.utcoffset() == dt.timedelta(0)
    assert alert.status == "Actual"


@pytest.mark.parametrize("name", BAD)
def test_every_bad_message_is_refused_with_one_sentence(name: str) -> None:
    assert str(refused(shared(name).read_bytes())) == BAD[name]


def test_every_shared_message_is_either_good_or_bad() -> None:
    folder = shared("invalid.cap").parent
    assert {one.name for one in folder.iterdir()} == GOOD.keys() | BAD.keys()


def test_what_a_message_says_is_read_as_it_is_meant() -> None:
    places = (
        element("polygon", "15.8,108.2 15.9,108.2 15.9,108.4 15.8,108.2"),
        element("circle", "15.88,108.33 2.5"),
        element("geocode", element("valueName", "GSO") + element("value", "20410")),
    )
    words = {"expires": "2025-10-29T19:00:00Z", "headline": "A &lt;b>&amp;&lt;/b>", "description": ""}
    block = info(area(*places), element("responseType", "Evacuate"), **words)
    alert = cap.read(message(element("references", "x@y.vn,a0,2025-10-29T06:00:00+07:00"), block, msgType="Update"))
    assert alert.references == (Reference(dt.datetime(2025, 10, 28, 23, tzinfo=dt.UTC), "x@y.vn", "a0"),)
    [told] = alert.infos
    [where] = told.areas
    assert (told.headline, told.description, told.responses) == ("A <b>&</b>", "", ("Evacuate",))
    assert told.expires == dt.datetime(2025, 10, 29, 19, tzinfo=dt.UTC)
    assert where.polygons[0][1] == Position(lon=108.2, lat=15.9)
    assert where.circles == (cap.Circle(Position(lon=108.33, lat=15.88), 2.5),)
    assert where.geocodes == (("GSO", "20410"),)


@pytest.mark.parametrize("space", cap.NAMESPACES)
def test_every_version_is_read(space: str) -> None:
    assert cap.read(message(info(), space=space)).version == cap.NAMESPACES[space]


def test_the_first_version_needs_no_category_and_may_be_very_likely() -> None:
    block = info(area(element("geocode", "SAME=006109")), category=None, certainty="Very Likely")
    [told] = cap.read(message(block, space="http://www.incident.com/cap/1.0")).infos
    assert (told.categories, told.certainty) == ((), "Likely")
    assert told.areas[0].geocodes == (("SAME", "006109"),)


def test_the_language_that_is_asked_for_speaks() -> None:
    blocks = [info(language=name, event=name or "none") for name in ("fr-CA", "en-US", None, "vi", "VI-vn")]
    alert = cap.read(message(*blocks))
    assert [one.event for one in alert.chosen("vi", "en")] == ["vi", "VI-vn"]
    assert [one.event for one in alert.chosen("en")] == ["en-US", "none"]
    assert [one.event for one in alert.chosen("de")] == ["fr-CA"]
    assert cap.read(message()).chosen("vi") == ()


@pytest.mark.parametrize("name", HEAD)
def test_what_the_standard_requires_is_required(name: str) -> None:
    for payload in (message(**{name: None}), message(**{name: ""}), message(**{name: "  "})):
        error = refused(payload)
        assert (error.code, error.name) == ("missing", name)
    error = refused(message(element(name, HEAD[name])))
    assert (error.code, error.name) == ("repeated", name)


@pytest.mark.parametrize("name", ["category", "event", "urgency", "severity", "certainty"])
def test_a_block_has_what_the_standard_requires(name: str) -> None:
    for block in (info(**{name: None}), info(**{name: ""})):
        error = refused(message(block))
        assert (error.code, error.name) == ("missing", name)


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        (message(status="actually"), "status"),
        (message(msgType="Alarm"), "msgType"),
        (message(scope="World"), "scope"),
        (message(sent="2025-10-29 07:00:00+07:00"), "sent"),
        (message(sent="2025-10-29T07:00:00"), "sent"),
        (message(sent="2025-13-29T07:00:00+07:00"), "sent"),
        (message(sent="0001-01-01T00:00:00+14:00"), "sent"),
        (message(sent="9999-12-31T23:00:00+00:00"), "sent"),
        (message(identifier="two words"), "identifier"),
        (message(identifier="x" * 501), "identifier"),
        (message(sender="a,b"), "sender"),
        (message(element("references", "a,b")), "references"),
        (message(element("references", "a,b,yesterday")), "references"),
        (message(info(category="Weather")), "category"),
        (message(info(urgency="Now")), "urgency"),
        (message(info(severity="Bad")), "severity"),
        (message(info(certainty="Sure")), "certainty"),
        (message(info(expires="soon")), "expires"),
        (message(info(area(element("polygon", "1,2 3,4 1,2")))), "polygon"),
        (message(info(area(element("polygon", "1,2 3,4 5,6 7,8")))), "polygon"),
        (message(info(area(element("polygon", "1,2 3,4 91,6 1,2")))), "polygon"),
        (message(info(area(element("polygon", "1,2 3,4 nan,6 1,2")))), "polygon"),
        (message(info(area(element("polygon", "1,2, 3,4, 5,6, 1,2")))), "polygon"),
        (message(info(area(element("circle", "15,108")))), "circle"),
        (message(info(area(element("circle", "15,108 -1")))), "circle"),
        (message(info(area(element("circle", "15,108 inf")))), "circle"),
        (message(info(area(element("circle", "15,190 1")))), "circle"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_cannot_be_meant_is_refused_by_its_name(payload: bytes, name: str) -> None:
    error = refused(payload)
    assert (error.code, error.name) == ("wrong", name)


def test_what_is_optional_and_empty_is_passed_over() -> None:
    empty = [element(name, "") for name in ("note", "references", "incidents", "restriction")]
    block = info(
        area(element("polygon", ""), element("circle", " ")), element("responseType", ""), expires="", onset=""
    )
    alert = cap.read(message(*empty, block, "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'>…</Signature>"))
    assert (alert.references, alert.infos[0].areas[0].polygons, alert.infos[0].expires) == ((), (), None)


def test_too_much_of_anything_is_refused() -> None:
    assert refused(message(*([info()] * (cap.MOST_INFOS + 1)))).code == "large"
    ring = " ".join(f"{number / 1000},108" for number in range(cap.MOST_CORNERS)) + " 0.0,108"
    assert refused(message(info(area(element("polygon", ring))))).code == "large"
    assert refused(b" " * (cap.LARGEST + 1)).code == "large"
    [told] = cap.read(message(info(description="x" * 50_000))).infos
    assert len(told.description) == cap.LONGEST_TEXT


def test_names_of_other_namespaces_are_no_names_of_cap() -> None:
    assert refused(message(space="urn:oasis:names:tc:emergency:cap:2.0")).code == "not_cap"
    assert refused(message(space="")).code == "not_cap"
    foreign = f'<c:alert xmlns:c="{SPACE}" xmlns="urn:other"><identifier>a</identifier></c:alert>'.encode()
    assert refused(foreign).name == "identifier"


SOUP = st.recursive(
    st.text(max_size=20),
    lambda inner: st.builds(
        lambda name, parts: element(name, "".join(parts)),
        st.sampled_from(
            [*HEAD, *INFO, "info", "area", "polygon", "circle", "references", "geocode", "value", "expires"]
        ),
        st.lists(inner, max_size=5),
    ),
    max_leaves=25,
)


@settings(max_examples=200)
@given(st.lists(SOUP, max_size=8), st.dictionaries(st.sampled_from([*HEAD]), st.text(max_size=30), max_size=3))
def test_whatever_comes_is_an_alert_or_a_refusal(soup: list[str], changed: dict[str, str]) -> None:
    with contextlib.suppress(CapError):
        alert = cap.read(message(*soup, **changed).replace(b"\x00", b""))
        assert alert.sent.tzinfo is not None


@given(st.data())
def test_a_message_that_was_damaged_on_its_way_is_an_alert_or_a_refusal(data: st.DataObject) -> None:
    whole = bytearray(message(info(area(element("polygon", "1,2 3,4 5,6 1,2"), element("circle", "1,2 3")))))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(CapError):
        cap.read(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
