"""The shipped areas fit together, and each belongs to exactly one centre on any day."""

import datetime as dt
import random

import pytest
import shapely

from gis.areas import Area, AreaIndex
from gis.position import Position
from ioc.data.places import (
    BASEMAP,
    PROVINCE_2024,
    PROVINCE_2025,
    Centre,
    CentreMap,
    areas,
    basemap,
    centre_map,
    centres,
)

DAYS = (
    dt.date(2024, 9, 1),
    dt.date(2024, 12, 31),
    dt.date(2025, 1, 1),
    dt.date(2025, 6, 30),
    dt.date(2025, 7, 1),
)


@pytest.fixture(scope="module")
def shipped() -> tuple[Area, ...]:
    return areas()


@pytest.fixture(scope="module")
def index(shipped: tuple[Area, ...]) -> AreaIndex:
    return AreaIndex(shipped)


@pytest.mark.parametrize(("day", "units"), list(zip(DAYS, (18, 18, 17, 17, 94), strict=True)))
def test_each_day_has_its_number_of_units_and_one_province(shipped: tuple[Area, ...], day: dt.date, units: int) -> None:
    valid = [area for area in shipped if area.holds_on(day)]
    assert sum(area.level == 2 for area in valid) == units
    assert sum(area.level == 1 for area in valid) == 1


def test_before_the_first_state_there_is_no_unit(index: AreaIndex) -> None:
    assert index.holding(Position(lon=108.33, lat=15.88), dt.date(2024, 8, 31)) is None


def test_nong_son_is_in_que_son_after_the_merger_and_apart_again_later(index: AreaIndex) -> None:
    nong_son = Position(lon=107.99551, lat=15.65108)
    found = [index.holding(nong_son, day) for day in DAYS]
    assert [area.fid for area in found if area] == [
        "519@2024-09-01",
        "519@2024-09-01",
        "509@2025-01-01",
        "509@2025-01-01",
        "20669@2025-07-01",
    ]


def test_successors_and_parents_exist_and_start_when_the_unit_ends(shipped: tuple[Area, ...], index: AreaIndex) -> None:
    for area in shipped:
        assert bool(area.successors) == (area.valid_to is not None), area.fid
        for fid in area.successors:
            successor = index.area(fid)
            assert successor is not None
            assert successor.valid_from == area.valid_to
        assert area.level == 1 or area.parent in (PROVINCE_2024, PROVINCE_2025)


def test_the_seventy_eight_units_on_the_former_province_succeed_exactly_one_district(
    shipped: tuple[Area, ...],
) -> None:
    last = [area for area in shipped if area.level == 2 and area.valid_to == dt.date(2025, 7, 1)]
    followers = [fid for area in last for fid in area.successors]
    assert len(followers) == len(set(followers)) == 78


def test_inner_points_lie_in_their_own_unit(shipped: tuple[Area, ...], index: AreaIndex) -> None:
    for area in shipped:
        if area.level == 2:
            assert index.holding(area.inner, area.valid_from) is area


def test_the_index_agrees_with_asking_every_unit_on_real_boundaries(
    shipped: tuple[Area, ...], index: AreaIndex
) -> None:
    chance = random.Random(7)
    for _ in range(300):
        position = Position(lon=chance.uniform(107.1, 108.8), lat=chance.uniform(14.9, 16.3))
        for day in (DAYS[0], DAYS[2], DAYS[4]):
            point = shapely.Point(position.lonlat)
            covering = [area for area in shipped if area.holds_on(day) and area.geometry.intersects(point)]
            expected = min(covering, key=lambda area: (-area.level, area.code), default=None)
            assert index.holding(position, day) is expected


def test_there_are_twelve_centres_and_one_is_the_province() -> None:
    known = centres()
    assert len({centre.code for centre in known}) == 12
    assert [centre.code for centre in known if centre.kind == "province"] == ["quang-nam"]
    assert all(centre.name and centre.name_en for centre in known)


def test_every_area_belongs_to_exactly_one_centre_on_any_day(shipped: tuple[Area, ...]) -> None:
    known, fids = centres(), {area.fid for area in shipped}
    listed = [fid for centre in known for fid in centre.areas]
    assert len(listed) == len(set(listed))
    assert set(listed) <= fids
    serving = centre_map()
    for day in DAYS:
        served = {serving.of_area(area.fid) for area in shipped if area.holds_on(day)}
        assert served == {centre.code for centre in known}


def test_units_of_2025_go_to_the_centre_of_the_district_they_came_from(shipped: tuple[Area, ...]) -> None:
    serving = centre_map()
    for area in shipped:
        if area.level == 2 and area.valid_to == dt.date(2025, 7, 1) and area.code != "509":
            assert {serving.of_area(fid) for fid in area.successors} == {serving.of_area(area.fid)}


def test_an_unlisted_area_and_no_area_belong_to_the_province() -> None:
    assert centre_map().of_area("20194@2025-07-01") == "quang-nam"
    assert centre_map().of_area(None) == "quang-nam"


def test_an_area_listed_twice_is_refused() -> None:
    def centre(code: str, kind: str, *fids: str) -> Centre:
        return Centre(code=code, name=code, name_en=code, kind=kind, areas=fids)

    with pytest.raises(ValueError, match="is listed for"):
        CentreMap([centre("aa", "province", "1@2025-07-01"), centre("bb", "district", "1@2025-07-01")])
    with pytest.raises(ValueError, match="exactly one centre"):
        CentreMap([centre("bb", "district")])


@pytest.mark.parametrize("name", sorted(BASEMAP))
def test_every_layer_of_the_base_map_is_a_feature_collection(name: str) -> None:
    assert b'"FeatureCollection"' in basemap(name)[:200]


def test_an_unknown_layer_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        basemap("moon")
