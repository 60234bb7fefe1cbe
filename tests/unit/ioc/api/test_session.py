"""The door."""

import pytest

from ioc.access.passwords import hash_password
from ioc.api.problems import ProblemError
from ioc.api.session import Door


async def test_the_door_checks_and_slows_down() -> None:
    door = Door()
    kept = hash_password("right")
    assert await door.passes(kept, "right")
    assert not await door.passes(None, "right")
    for _ in range(10):
        door.check("a", "10.0.0.1")
        door.tried("a", "10.0.0.1", passed=False)
    with pytest.raises(ProblemError, match="too-many-tries"):
        door.check("a", "10.0.0.1")
    door.check("b", "10.0.0.1")
    door.check("a", "10.0.0.2")
