"""What a row would do, against what is registered."""

from typing import Any

import msgspec
import pytest

from gis.position import Position
from ioc import data
from ioc.registration import lawful
from ioc.registration.judging import Owner, Register, judge, owned, places_of, settle
from ioc.registration.record import AnyRecord, CameraRecord, DeviceRecord
from ioc.registration.rows import Offer, Row
from ioc.registration.sheet import Words

PLACE, OTHER = Position(lon=108.1, lat=15.8), Position(lon=108.3, lat=15.9)
THERE: AnyRecord = DeviceRecord(
    code="a1", name="Cầu", centre="hoi-an", area="x", kind="rain", position=PLACE, profile="rain", version=3,
)  # fmt: skip
CAMERA: AnyRecord = CameraRecord(
    code="c1", name="Cầu", centre="hoi-an", area="x", kind="street", position=PLACE, bearing=1.0,
    settings={"scene": "street", "calibration": [1], "height_m": 5.0},
)  # fmt: skip


HERE = Owner("hoi-an", "x")


def register(*known: AnyRecord, **more: Any) -> Register:
    plain: dict[str, Any] = {
        "subject": "device", "known": {one.code: one for one in known}, "gateways": {"gw": "hoi-an", "new": ""},
        "taken": {one.code: {one.subject} for one in known}, "law": lawful.law_of(data.register()),
        "gone": {"over": "hoi-an"},
        "reaches": lambda centre, area, code: centre != "far", "serves": lambda centre, area: centre != "off",
    }  # fmt: skip
    return Register(**plain | more)


def row(code: str = "a1", at: Position | None = None, owner: Owner = HERE, **fields: Any) -> Row:
    made = Row(number=2, code=code, fields=fields | ({} if at is None else {"position": list(at.lonlat)}))
    if at is not None:
        owned(made, at, owner)
    return made


def judged(one: Row, against: Register) -> str:
    judge(one, against)
    return one.outcome


def said(one: Row) -> str:
    return " ".join(cell.en for cell in one.cells)


def test_new_changed_and_the_same() -> None:
    there = register(THERE)
    assert judged(row("b1", PLACE, name="B", profile="rain"), there) == "new"
    assert judged(row(name="Câu"), there) == "changed"
    assert judged(row(name="Cầu", at=PLACE), there) == "same"
    assert judged(row(), there) == "same"


def test_a_place_that_was_rounded_is_the_same_and_needs_no_owner() -> None:
    near = Position(lon=PLACE.lon + 1e-7, lat=PLACE.lat)
    one = Row(number=2, code="a1", fields={"position": list(near.lonlat)}, offered={"position": list(OTHER.lonlat)})
    assert places_of(one, {"a1": THERE}) == [OTHER]
    assert judged(row(at=near), register(THERE)) == "same"


def test_what_a_record_has_already_is_never_refused() -> None:
    one = row()
    one.unread["profile"] = "rain"
    one.say("profile", said_words())
    assert judged(one, register(THERE)) == "same"


def said_words() -> Words:
    return Words("Không có.", "There is none.")


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (row("b1", PLACE, profile="rain"), "“Name” is missing"),
        (row("b1", PLACE, name="B"), "“Profile” is missing"),
        (row("b1", name="B", profile="rain"), "coordinates are missing"),
        (row("b1", PLACE, Owner(None, None, "Trà Leng", 25_400.0), name="B", profile="rain"), "25.4 km from Trà Leng"),
        (row("b1", PLACE, name="B", profile="rain", centre="far"), "not within what you may change"),
        (row("b1", PLACE, name="B", profile="rain", centre="off"), "does not serve"),
        (row("b1", PLACE, name="B", profile="rain", centre="over"), "The centre over went into hoi-an; write hoi-an."),
        (row("b1", PLACE, name="B", profile="rain", gateway="none"), "No device none"),
        (row(lifecycle="suspended", name="A"), ""),
    ],
)
def test_what_stands_against_a_row_is_said(one: Row, words: str) -> None:
    outcome = judged(one, register(THERE))
    assert words in said(one)
    assert outcome == ("refused" if words else "changed")


def test_a_centre_that_is_gone_is_named_in_vain_of_what_its_heir_has_and_refused_of_another() -> None:
    """Files that were exported before a merger name it in every row."""
    one, other = row(centre="over", name="Câu"), row(centre="over", name="Câu")
    assert judged(one, register(THERE, serves=lambda centre, area: True)) == "changed"
    wanted = settle(one, one.fields, THERE, register(THERE))
    assert wanted is not None
    assert wanted.centre == "hoi-an"
    away = msgspec.structs.replace(THERE, centre="dai-loc")
    assert judged(other, register(away)) == "refused"
    assert "went into hoi-an" in said(other)


def test_codes_of_others_are_refused() -> None:
    one, other = row("c1", PLACE, name="B", profile="rain"), row("z1", PLACE, name="B", profile="rain")
    there = register(THERE, taken={"c1": {"camera"}, "z1": {"device"}})
    assert [judged(one, there), judged(other, there)] == ["refused", "refused"]
    assert "camera" in said(one)
    assert "elsewhere" in said(other)


def test_a_place_off_all_units_is_counted_to_the_nearest_and_said() -> None:
    one = row("b1", PLACE, Owner("hoi-an", "x", "Cửa Đại", 1_500.0), name="B", profile="rain")
    assert judged(one, register()) == "new"
    assert "1.5 km away" in said(one)


def test_offers_are_judged_as_if_they_were_taken() -> None:
    one = row("b1", name="B", profile="rain")
    one.offered["position"] = list(PLACE.lonlat)
    owned(one, PLACE, Owner("hoi-an", "x"))
    one.say("lon", said_words(), offer=Offer("15.8, 108.1", PLACE.lonlat))
    assert judged(one, register()) == "refused"
    assert one.mendable
    wanted = settle(one, one.fields | one.offered, None, register())
    assert wanted is not None
    assert wanted.position == PLACE
    one.fields.pop("name")
    assert judged(one, register()) == "refused"
    assert not one.mendable


def test_what_moves_keeps_its_centre_where_that_serves_the_new_area() -> None:
    moved = settle(row(at=OTHER, owner=Owner("dai-loc", "y")), {"position": list(OTHER.lonlat)}, THERE, register(THERE))
    assert moved is not None
    assert (moved.centre, moved.area) == ("hoi-an", "y")
    there = register(THERE, serves=lambda centre, area: (centre, area) == ("dai-loc", "y"))
    one = row(at=OTHER, owner=Owner("dai-loc", "y"), area="x", centre="hoi-an")
    left = settle(one, one.fields, THERE, there)
    assert left is not None
    assert (left.centre, left.area) == ("dai-loc", "y")


@pytest.mark.parametrize(
    ("state", "wanted", "possible"),
    [
        ("draft", "active", True), ("draft", "suspended", True), ("active", "draft", False),
        ("retired", "active", True), ("active", "approved", True), ("suspended", "retired", True),
    ],
)  # fmt: skip
def test_a_life_goes_on_by_steps_that_there_are(state: Any, wanted: str, possible: bool) -> None:
    before = msgspec.structs.replace(THERE, lifecycle=state)
    outcome = judged(row(lifecycle=wanted), register(before))
    assert (outcome == "changed") is possible


def test_a_camera_keeps_its_other_settings_and_loses_its_marks_when_it_turns() -> None:
    there = register(CAMERA, subject="camera")
    higher = settle(row("c1"), {"height_m": 6.0}, CAMERA, there)
    assert higher is not None
    assert higher.subject == "camera"
    assert higher.settings == {"scene": "street", "calibration": [1], "height_m": 6.0}
    turned = settle(row("c1"), {"bearing": 90.0, "height_m": None}, CAMERA, there)
    assert turned is not None
    assert turned.subject == "camera"
    assert turned.settings == {"scene": "street"}


def test_an_active_camera_keeps_what_the_law_asks() -> None:
    legal = {"conformity": "1", "password_changed_on": "2026-01-01", "notice_posted_on": "2026-01-01",
             "purpose": "p", "retention": "clip"}  # fmt: skip
    one = row("c2", PLACE, name="C", lifecycle="active")
    there = register(CAMERA, subject="camera")
    assert judged(one, there) == "refused"
    assert len(one.cells) == 5
    assert judged(row("c2", PLACE, name="C", lifecycle="active", **legal), there) == "new"
