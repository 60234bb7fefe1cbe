"""The one table of rights, and what README says of it."""

from pathlib import Path

import pytest

from ioc.access.rights import ACTS, KINDS, MEANING, RIGHTS, ROLES, WRITING, allows, kinds_of, table


def test_every_right_is_made_of_known_words() -> None:
    assert set(RIGHTS) == set(KINDS) == set(MEANING)
    for roles in RIGHTS.values():
        assert set(roles) <= set(ROLES)
        for acts in roles.values():
            assert set(acts.split()) <= set(ACTS)


def test_who_may_do_anything_to_a_thing_may_see_it() -> None:
    """Row-level security lets nobody write what they do not see."""
    assert all("see" in acts.split() for roles in RIGHTS.values() for acts in roles.values())


@pytest.mark.parametrize("role", ["viewer", "assessor"])
def test_viewers_and_assessors_change_nothing(role: str) -> None:
    assert kinds_of(role, WRITING) == frozenset()


def test_a_registrar_sees_no_personal_evidence() -> None:
    assert kinds_of("registrar", frozenset({"see"})).isdisjoint({"incident", "alarm", "sighting", "media", "audit"})


def test_an_assessor_has_the_audit_trail_and_operators_do_not() -> None:
    assert allows("assessor", "export", "audit")
    assert not any(allows(role, "see", "audit") for role in ("operator", "district", "registrar", "viewer"))


@pytest.mark.parametrize(
    ("role", "act", "kind"), [("", "see", "device"), ("admin", "", "device"), ("admin", "see", "")]
)
def test_unknown_words_are_refused(role: str, act: str, kind: str) -> None:
    assert not allows(role, act, kind)


def test_readme_shows_the_table() -> None:
    assert table() in Path("README.md").read_text("utf-8")
