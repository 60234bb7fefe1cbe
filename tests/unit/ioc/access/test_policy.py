"""Who may see and do what."""

import datetime as dt
from typing import Any

import pytest

from ioc.access.policy import Person, Thing, may, scope_of
from ioc.access.scope import EVERYTHING

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
INCIDENT = Thing("incident", "hoi-an", "20410@2025-07-01")


def person(role: str, centre: str | None = None, **other: Any) -> Person:
    return Person(login="a", name="A", role=role, centre=centre, language="vi", **other)


def test_a_person_who_is_not_bound_sees_every_place_and_time() -> None:
    scope = scope_of(person("admin"))
    assert (scope.centres, scope.areas, scope.cameras, scope.past) == (None, None, None, None)


def test_nobody_is_the_service_itself() -> None:
    assert scope_of(person("admin")) != EVERYTHING


def test_a_person_of_a_centre_sees_that_centre() -> None:
    assert scope_of(person("operator", "hoi-an")).centres == frozenset({"hoi-an"})


def test_what_was_at_a_centre_that_went_into_the_own_is_seen_with_it() -> None:
    person = Person(login="a", name="a", role="operator", centre="hoi-an", language="vi", former=("tam-ky",))
    assert scope_of(person).centres == {"hoi-an", "tam-ky"}


def test_district_staff_who_are_bound_to_nothing_see_nothing() -> None:
    assert not may(person("district"), "see", INCIDENT, NOW)
    assert may(person("district", "hoi-an"), "see", INCIDENT, NOW)
    assert may(person("district", areas=("20410@2025-07-01",)), "see", INCIDENT, NOW)


def test_a_centre_and_areas_together_both_bind() -> None:
    bound = person("operator", "tam-ky", areas=("20410@2025-07-01",))
    assert not may(bound, "see", INCIDENT, NOW)


def test_a_subtree_counts_only_beside_areas() -> None:
    assert may(person("operator", areas=("503@2024-09-01",), subtree=(INCIDENT.area or "",)), "see", INCIDENT, NOW)
    assert scope_of(person("operator", subtree=("x",))).areas is None


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        *(("admin", True), ("operator", True), ("district", True)),
        *(("registrar", False), ("viewer", False), ("assessor", False), ("x", False)),
    ],
)
def test_only_those_who_handle_incidents_take_steps(role: str, allowed: bool) -> None:
    assert may(person(role, "hoi-an"), "step", INCIDENT, NOW) is allowed
    assert not may(person(role, "tam-ky"), "step", INCIDENT, NOW)


def test_a_span_ends_with_time() -> None:
    over = Thing("incident", "hoi-an", "x", None, NOW)
    assert may(person("viewer", span="day"), "see", over, NOW + dt.timedelta(hours=24))
    assert not may(person("viewer", span="day"), "see", over, NOW + dt.timedelta(hours=25))
    assert not may(person("viewer", span="live"), "see", over, NOW + dt.timedelta(seconds=1))
