"""The door."""

import asyncio

import pytest

from ioc.access.passwords import hash_password
from ioc.access.throttle import Visit
from ioc.api.door import Door, _fault
from ioc.api.problems import ProblemError

STRANGER = Visit(login="a", address="10.0.0.1")


async def test_the_door_checks_and_slows_down() -> None:
    door = Door()
    kept = hash_password("right")
    assert await door.passes(kept, "right", STRANGER)
    assert not await door.passes(None, "right", STRANGER)
    for _ in range(5):
        door.enter(STRANGER)
    with pytest.raises(ProblemError, match="too-many-tries"):
        door.enter(STRANGER)
    with pytest.raises(ProblemError, match="too-many-tries"):
        door.glance("a", "10.0.0.1", "")
    door.glance("b", "10.0.0.1", "")
    door.enter(Visit(login="b", address="10.0.0.1"))
    door.enter(Visit(login="a", address="10.0.0.1", known="browser", mark="m"))


async def test_strangers_stand_in_a_short_line_of_their_own() -> None:
    door = Door()
    others = [Visit(login=f"u{number}", address=f"10.0.1.{number}") for number in range(20)]
    turned_away = 0

    async def come(visit: Visit) -> None:
        nonlocal turned_away
        try:
            door.enter(visit)
        except ProblemError:
            turned_away += 1
            return
        await door.passes(None, "x", visit)

    await asyncio.gather(*map(come, others))
    assert turned_away == 12
    door.enter(others[-1])


def test_a_refused_flood_is_told_once() -> None:
    door = Door()
    assert [door.worth_telling("a") for _ in range(3)] == [True, False, False]
    assert door.worth_telling("b")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Object missing required field `user`", "user"),
        ("Object contains unknown field `secret-value`", "secret-value"),
        ("Expected `str`, got `int` - at `$.user`", "user"),
        ("Invalid enum value 'my password' - at `$.role`", "role"),
        ("Expected `object`, got `array`", ""),
    ],
)
def test_a_fault_names_the_member_and_not_its_value(text: str, name: str) -> None:
    found, why = _fault(text)
    assert found == name
    assert "my password" not in why
