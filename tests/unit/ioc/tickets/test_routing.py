"""Who is responsible: every category, severity, place and day has somebody."""

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc import catalogue, data
from ioc.incidents.severity import ORDER
from ioc.store.ticket_policies import shipped
from ioc.tickets.policy import Along, Policy, Route
from ioc.tickets.routing import route

DAY = dt.date(2026, 3, 4)
UNIT, PROVINCE = "20500@2025-07-01", "48@2025-07-01"
CENTRES = [one.code for one in data.centres()]
CATEGORIES = sorted(catalogue.policy().categories)


def policy(*routes: Route) -> Policy:
    """The shipped units with other routes."""
    return msgspec.structs.replace(shipped(), routes=routes)


def goes(routes: Policy, category: str = "flood", severity: str = "minor", centre: str = "dai-loc") -> str:
    return route(routes, category, severity, (UNIT, PROVINCE), centre, DAY).unit


@given(
    st.sampled_from([*CATEGORIES, "unheard-of"]),
    st.sampled_from(ORDER),
    st.sampled_from([*CENTRES, "no-centre", ""]),
    st.dates(dt.date(2024, 1, 1), dt.date(2030, 1, 1)),
)
def test_there_is_always_a_unit_and_its_parts_are_others(
    category: str, severity: str, centre: str, day: dt.date
) -> None:
    found = route(shipped(), category, severity, (UNIT, PROVINCE), centre, day)
    units = [found.unit, *(one.unit for one in found.along)]
    assert all(shipped().unit(unit) is not None for unit in units)
    assert len(set(units)) == len(units)
    assert found.why
    assert all(one.task for one in found.along)


def test_what_no_route_is_for_goes_to_the_centre_else_to_the_province() -> None:
    assert goes(policy()) == "dai-loc"
    assert goes(policy(), centre="quang-nam") == "quang-nam"
    assert goes(policy(), centre="elsewhere") == "quang-nam"
    found = route(policy(), "flood", "minor", (), "elsewhere", DAY)
    assert "elsewhere" in found.why


def test_a_centre_without_a_unit_of_its_name_has_one_that_is_of_it() -> None:
    units = [msgspec.structs.replace(one, code="doi-dai-loc") if one.code == "dai-loc" else one
             for one in shipped().units]  # fmt: skip
    renamed = msgspec.structs.replace(policy(Route(unit="centre")), units=tuple(units))
    assert goes(renamed) == "doi-dai-loc"


@pytest.mark.parametrize(
    ("asks", "fits"),
    [
        ({}, True),
        ({"categories": ("flood", "rain")}, True),
        ({"categories": ("rain",)}, False),
        ({"severities": ("minor",)}, True),
        ({"severities": ("severe", "extreme")}, False),
        ({"areas": (UNIT,)}, True),
        ({"areas": (PROVINCE,)}, True),
        ({"areas": ("20506@2025-07-01",)}, False),
        ({"from_day": DAY}, True),
        ({"from_day": DAY + dt.timedelta(days=1)}, False),
        ({"to_day": DAY}, False),
        ({"to_day": DAY + dt.timedelta(days=1)}, True),
        ({"categories": ("flood",), "severities": ("severe",)}, False),
    ],
)
def test_everything_that_a_route_asks_for_must_be_so(asks: dict[str, object], fits: bool) -> None:
    routes = policy(Route(unit="pc07", **asks), Route(unit="cdc"))  # type: ignore[arg-type]
    assert goes(routes) == ("pc07" if fits else "cdc")


def test_the_first_that_fits_counts() -> None:
    assert goes(policy(Route(unit="pc07"), Route(unit="cdc"))) == "pc07"


def test_a_unit_that_is_gone_is_answered_for_by_the_province_and_said() -> None:
    found = route(policy(Route(unit="gone", task="x")), "flood", "minor", (), "dai-loc", DAY)
    assert (found.unit, found.task) == ("quang-nam", "x")
    assert "gone" in found.why


def test_the_lead_is_no_part_of_itself_and_a_part_is_there_once() -> None:
    parts = (Along(unit="centre", task="a"), Along(unit="pc07", task="b"), Along(unit="pc07", task="c"))
    one = route(policy(Route(unit="centre", along=parts)), "flood", "minor", (), "dai-loc", DAY)
    assert one.along == (Along(unit="pc07", task="b"),)
    two = route(policy(Route(unit="pc07", along=parts)), "flood", "minor", (), "dai-loc", DAY)
    assert two.along == (Along(unit="dai-loc", task="a"),)


def test_the_shipped_routes_follow_the_offices_through_their_changes() -> None:
    def unit(category: str, severity: str, day: str) -> str:
        return route(shipped(), category, severity, (), "dai-loc", dt.date.fromisoformat(day)).unit

    assert unit("road", "severe", "2025-02-28") == "so-giao-thong"
    assert unit("road", "severe", "2025-03-01") == "so-xay-dung"
    assert unit("road", "minor", "2025-03-01") == "dai-loc"
    assert unit("infrastructure", "severe", "2025-06-30") == "dai-loc"
    assert unit("infrastructure", "severe", "2025-07-01") == "so-xay-dung"
    assert unit("traffic", "severe", "2025-02-28") == "dai-loc"
    assert unit("traffic", "severe", "2025-07-01") == "pc08"


def test_a_great_flood_is_one_ticket_with_three_parts_and_a_broken_camera_one() -> None:
    flood = route(shipped(), "flood", "extreme", (UNIT, PROVINCE), "hoi-an", DAY)
    assert (flood.unit, [one.unit for one in flood.along]) == (
        "hoi-an", ["phong-thu-dan-su", "dien-luc", "so-xay-dung"],
    )  # fmt: skip
    camera = route(shipped(), "camera", "minor", (UNIT, PROVINCE), "hoi-an", DAY)
    assert (camera.unit, camera.along) == ("ky-thuat", ())
