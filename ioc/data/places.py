"""Areas, centres and the base map, read from the files of this package."""

import datetime as dt
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

import msgspec
import orjson

from gis.areas import Area, area_from_feature, fid_of, merged
from gis.stamp import is_code

DISTRICTS_FROM = dt.date(2024, 9, 1)
"""First day of the shipped state of the 18 districts; earlier days have no units."""

QUE_SON_MERGED = dt.date(2025, 1, 1)
"""First day of Quế Sơn (509) with the former Nông Sơn (519)."""

UNITS_FROM = dt.date(2025, 7, 1)
"""First day of the 94 units; districts ceased to be a tier of government."""

QUE_SON, NONG_SON = "509", "519"
PROVINCE_2024 = fid_of("49", DISTRICTS_FROM)
PROVINCE_2025 = fid_of("48", UNITS_FROM)

BASEMAP = {
    "land": "basemap/ne_land_10m.geojson",
    "coastline": "basemap/ne_coastline_10m.geojson",
    "rivers": "basemap/ne_rivers_10m.geojson",
    "islands": "basemap/ne_minor_islands_10m.geojson",
    "roads": "basemap/cc-by-sa/vn_main_roads_rail.geojson",
    "places": "basemap/places.geojson",
}
"""Base map layers by the name under which they are served."""


class Centre(msgspec.Struct, frozen=True, kw_only=True):
    """An operations centre; `areas` are the fids it serves, of all periods."""

    code: str
    name: str
    name_en: str
    kind: str
    areas: tuple[str, ...]


class CentreMap:
    """Which centre serves an area: the district centre that lists it, else the province's."""

    def __init__(self, centres: Iterable[Centre]) -> None:
        """Raises ValueError unless there is one province and every fid is listed once."""
        known = tuple(centres)
        provinces = [centre.code for centre in known if centre.kind == "province"]
        if len(provinces) != 1:
            raise ValueError(f"exactly one centre must be of kind province, not {len(provinces)}")
        self.province = provinces[0]
        self._by_area: dict[str, str] = {}
        for centre in known:
            for fid in centre.areas:
                other = self._by_area.setdefault(fid, centre.code)
                if other != centre.code:
                    raise ValueError(f"area {fid} is listed for {other} and for {centre.code}; keep one")

    def of_area(self, fid: str | None) -> str:
        """The code of the centre; the province's for an unlisted area and for a place in none."""
        return self._by_area.get(fid, self.province) if fid is not None else self.province


def areas() -> tuple[Area, ...]:
    """All units of all shipped periods: 18 districts, Quế Sơn after the merger, 94 units, two provinces.

    The boundary of Quế Sơn from 2025-01-01 is in no file: it is the union of 509 and 519, built here.
    """
    units = _features("areas/danang_units_2025.geojson")
    successors = _successors(units)
    districts = [_district(feature, successors) for feature in _features("areas/gpl/quangnam_districts_2024.geojson")]
    joined = [district for district in districts if district.code in (QUE_SON, NONG_SON)]
    que_son = merged(
        joined,
        into=next(district for district in joined if district.code == QUE_SON),
        valid_from=QUE_SON_MERGED,
        valid_to=UNITS_FROM,
        successors=sorted(successors[QUE_SON] + successors[NONG_SON]),
    )
    current = [area_from_feature(f, valid_from=UNITS_FROM, valid_to=None, parent=PROVINCE_2025) for f in units]
    return (*_provinces(), *districts, que_son, *current)


def centres() -> tuple[Centre, ...]:
    """The centres of the configuration file, the province's first.

    Raises ValueError for a code that cannot be part of a topic and for an unknown key.
    """
    table = tomllib.loads(_bytes("centres.toml").decode())
    known = msgspec.convert(table["centre"], tuple[Centre, ...])
    for centre in known:
        if not is_code(centre.code):
            raise ValueError(f"centre code {centre.code!r} is not lower case letters, digits and hyphens")
    return known


def centre_map() -> CentreMap:
    """Which shipped centre serves which area."""
    return CentreMap(centres())


def basemap(name: str) -> bytes:
    """A base map layer as GeoJSON in UTF-8. Raises KeyError for a name that is not in BASEMAP."""
    return _bytes(BASEMAP[name])


def _provinces() -> tuple[Area, Area]:
    before = _features("areas/gpl/quangnam_province_2024.geojson")[0]
    after = _features("areas/danang_province_2025.geojson")[0]
    return (
        area_from_feature(before, valid_from=DISTRICTS_FROM, valid_to=UNITS_FROM, successors=[PROVINCE_2025]),
        area_from_feature(after, valid_from=UNITS_FROM, valid_to=None),
    )


def _district(feature: Mapping[str, Any], successors: Mapping[str, list[str]]) -> Area:
    code = feature["properties"]["code"]
    merging = code in (QUE_SON, NONG_SON)
    return area_from_feature(
        feature,
        valid_from=DISTRICTS_FROM,
        valid_to=QUE_SON_MERGED if merging else UNITS_FROM,
        parent=PROVINCE_2024,
        successors=[fid_of(QUE_SON, QUE_SON_MERGED)] if merging else successors[code],
    )


def _successors(units: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """District code -> fids of the units of 2025 of which it holds the largest share, in code order."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for unit in units:
        shares = unit["properties"].get("districts_2024") or []
        if shares:
            largest = max(shares, key=lambda share: share["share"])
            found[largest["code"]].append(fid_of(unit["properties"]["code"], UNITS_FROM))
    return {code: sorted(fids) for code, fids in found.items()}


def _features(path: str) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = orjson.loads(_bytes(path))["features"]
    return features


def _bytes(path: str) -> bytes:
    return resources.files("ioc.data").joinpath(path).read_bytes()
