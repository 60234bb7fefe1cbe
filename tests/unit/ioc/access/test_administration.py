"""Who may administer whom."""

import msgspec
import pytest

from ioc.access.administration import administers, may_change
from ioc.access.policy import Person


def person(login: str, role: str, centre: str | None) -> Person:
    return Person(login=login, name=login, role=role, centre=centre, language="vi")


ALL, HOI_AN = person("a", "admin", None), person("b", "admin", "hoi-an")


@pytest.mark.parametrize("role", ["operator", "district", "registrar", "viewer", "assessor", "x"])
def test_only_administrators_administer(role: str) -> None:
    assert not administers(person("c", role, None), person("d", "viewer", None))


@pytest.mark.parametrize(("centre", "allowed"), [("hoi-an", True), ("tam-ky", False), (None, False)])
def test_one_of_a_centre_keeps_to_it(centre: str | None, allowed: bool) -> None:
    assert administers(HOI_AN, person("d", "viewer", centre)) is allowed
    assert administers(ALL, person("d", "viewer", centre))
    there, other = person("d", "viewer", "hoi-an"), person("d", "viewer", centre)
    assert may_change(HOI_AN, there, other) is allowed
    assert may_change(HOI_AN, other, there) is allowed


def test_nobody_changes_their_own_rights_but_everybody_their_name() -> None:
    assert not may_change(ALL, ALL, msgspec.structs.replace(ALL, role="viewer"))
    assert may_change(ALL, ALL, msgspec.structs.replace(ALL, name="Another", language="en"))
