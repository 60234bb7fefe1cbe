"""Who may see and do what."""

import pytest

from ioc.access.policy import Person, may, scope_of
from ioc.access.scope import EVERYTHING, Scope


def person(role: str, centre: str | None = None) -> Person:
    return Person(login="a", name="A", role=role, centre=centre, language="vi")


def test_a_person_without_a_centre_sees_everything() -> None:
    assert scope_of(person("admin")) == EVERYTHING


def test_a_person_of_a_centre_sees_that_centre() -> None:
    assert scope_of(person("admin", "hoi-an")) == Scope(frozenset({"hoi-an"}))


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("admin", True),
        ("operator", True),
        ("district", True),
        ("registrar", False),
        ("viewer", False),
        ("x", False),
    ],
)
def test_only_those_who_handle_incidents_acknowledge(role: str, allowed: bool) -> None:
    assert may(person(role), "acknowledge") is allowed
