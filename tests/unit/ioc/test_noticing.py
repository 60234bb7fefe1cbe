"""From CAP to a notice: in whose words, of which category, until when, and where."""

import datetime as dt

import pytest

from feeds import cap
from feeds.cap import Alert
from gis.observation import Reference
from ioc import catalogue
from ioc.noticing import draft_of
from tests.fakes.shared import real_examples

WORDING = catalogue.wording()
SPACE = "urn:oasis:names:tc:emergency:cap:1.2"
INFO = {
    "language": "vi-VN", "category": "Met", "event": "Lũ", "urgency": "Immediate", "severity": "Severe",
    "certainty": "Observed", "expires": "2025-10-29T19:00:00+07:00",
}  # fmt: skip


def info(area: str = "", **changed: str) -> str:
    words = INFO | changed
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in words.items() if text)
    return f"<info>{inner}{area}</info>"


def alert(*infos: str, kind: str = "Alert", more: str = "") -> Alert:
    head = "<identifier>a</identifier><sender>s</sender><sent>2025-10-29T07:00:00+07:00</sent><status>Actual</status>"
    text = f'<alert xmlns="{SPACE}">{head}<msgType>{kind}</msgType><scope>Public</scope>{more}{"".join(infos)}</alert>'
    return cap.read(text.encode())


def area(inner: str, name: str = "Hội An") -> str:
    return f"<area><areaDesc>{name}</areaDesc>{inner}</area>"


def shared(name: str) -> Alert:
    folder = real_examples("messages/cap")
    if folder is None:
        pytest.skip(f"../shared is not here: {name} is not read")
    return cap.read((folder / name).read_bytes())


def test_vietnamese_speaks_and_english_stands_beside_it() -> None:
    draft = draft_of(alert(info(language="en-US", headline="Flood"), info(headline="Lũ lớn")), WORDING)
    assert (draft.headline, draft.headline_en, draft.event, draft.category) == ("Lũ lớn", "Flood", "Lũ", "flood")
    assert draft.name == Reference(dt.datetime(2025, 10, 29, tzinfo=dt.UTC), "s", "a")
    assert (draft.severity, draft.urgency, draft.certainty) == ("severe", "immediate", "observed")


def test_of_several_events_the_gravest_speaks_for_all_places_until_the_last_ends() -> None:
    circle = area("<circle>15.9,108.3 5</circle>")
    later = info(area("<circle>15.5,108.0 5</circle>", "Tam Kỳ"), severity="Extreme", event="Sạt lở",
                 expires="2025-10-30T07:00:00+07:00")  # fmt: skip
    draft = draft_of(alert(info(circle), later), WORDING)
    assert (draft.severity, draft.category, draft.place) == ("extreme", "landslide", "Hội An; Tam Kỳ")
    assert draft.expires == dt.datetime(2025, 10, 30, tzinfo=dt.UTC)
    assert draft.shape is not None
    assert len(draft.shape.geoms) == 2
    assert draft_of(alert(info(circle), info(circle, expires="")), WORDING).expires is None


def test_places_of_another_language_count_where_the_one_that_speaks_has_none() -> None:
    draft = draft_of(alert(info(), info(area("<circle>15.9,108.3 5</circle>"), language="en")), WORDING)
    assert draft.shape is not None


def test_only_geocodes_of_units_here_are_codes() -> None:
    def code(system: str) -> str:
        return f"<geocode><valueName>{system}</valueName><value>20410</value></geocode>"

    assert draft_of(alert(info(area(code("gso")))), WORDING).codes == ("20410",)
    assert draft_of(alert(info(area(code("SAME")))), WORDING).codes == ()


@pytest.mark.parametrize(
    ("kind", "changed", "over"),
    [
        ("Alert", {}, False),
        ("Alert", {"urgency": "Past"}, False),
        ("Update", {"urgency": "Past"}, True),
        ("Update", {"urgency": "Expected"}, False),
        ("Alert", {"responseType": "AllClear"}, True),
        ("Alert", {"responseType": "Evacuate"}, False),
    ],
)
def test_all_clear_is_what_says_so_and_updates_on_what_is_past(kind: str, changed: dict[str, str], over: bool) -> None:
    assert draft_of(alert(info(**changed), kind=kind), WORDING).over is over


def test_a_message_without_words_is_one_all_the_same() -> None:
    draft = draft_of(alert(kind="Cancel", more="<note>Báo nhầm</note><incidents>i1 i2</incidents>"), WORDING)
    assert (draft.kind, draft.headline, draft.numbers, draft.over) == ("cancel", "Báo nhầm", ("s:i1", "s:i2"), False)


@pytest.mark.parametrize(
    ("name", "category", "over"),
    [
        ("australia.cap", "fire", False), ("canada.cap", "storm", True), ("earthquake.cap", "landslide", False),
        ("google-PAAQ-4-mg5a94.xml", "flood", True), ("ipaws-5e6dd9de023f1930ef6548d9.xml", "other", False),
        ("thunderstorm.cap", "storm", False), ("v1dot2_appendix_adot1.xml", "security", False),
        ("wcatwc-warning.cap", "flood", False), ("weather.cap", "landslide", False),
    ],
)  # fmt: skip
def test_the_shared_messages_are_of_the_category_that_people_would_choose(name: str, category: str, over: bool) -> None:
    draft = draft_of(shared(name), WORDING)
    assert (draft.category, draft.over) == (category, over)
