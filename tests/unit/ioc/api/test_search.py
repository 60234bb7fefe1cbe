"""What the search tells of what it found."""

import datetime as dt

from gis.position import Position
from ioc.api.search import model, of_places, pair, populated
from ioc.finding import Found

LAST = dt.date(2025, 6, 30)


def test_the_populated_places_of_the_base_map_are_found_by_either_name() -> None:
    assert [one.id for one in of_places(("hoi", "an"), populated())] == ["Hội An"]
    assert [one.id for one in of_places(("nang", "da"), populated())] == ["Đà Nẵng"]


def test_a_pair_of_numbers_is_a_place() -> None:
    told = model(pair(Position(lon=108.33, lat=15.88), "Hội An"))
    assert (told.kind, told.name, told.position, told.detail) == ("place", "15.88, 108.33", (108.33, 15.88), "Hội An")


def test_an_area_that_is_over_tells_its_last_day_and_a_device_has_one_name() -> None:
    old = model(Found(kind="area", id="x", names=("Huyện A", "A"), until=LAST, successors=("B",), over=True))
    assert (old.until, old.successors, old.name_en) == (dt.date(2025, 6, 30), ["B"], None)
    assert model(Found(kind="device", id="d", names=("Trạm", "d"))).name_en is None
    assert model(Found(kind="incident", id="i", names=("Lũ", "Flood"))).name_en == "Flood"
