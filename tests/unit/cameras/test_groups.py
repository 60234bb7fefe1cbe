"""Facts about who shares a worker."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.camera import Address, Camera
from cameras.groups import LARGEST, Groups


def camera(number: int, path: str = "x") -> Camera:
    """A camera by its number."""
    there = Address(f"rtsp://127.0.0.1:9/{path}")
    return Camera(code=f"cam-{number:03d}", centre="quang-nam", address=there, scene="street")


def codes(groups: Groups) -> dict[int, set[str]]:
    """The codes in each group."""
    return {number: {one.code for one in groups.members(number)} for number in groups.numbers()}


@pytest.mark.parametrize(
    ("cameras", "cores", "sizes"),
    [
        (0, 2, []),
        (1, 8, [1]),
        (3, 8, [3]),
        (8, 1, [8]),
        (8, 2, [4, 4]),
        (24, 2, [8, 8, 8]),
        (24, 4, [6] * 4),
        (24, 64, [4] * 6),
        (25, 1, [7, 6, 6, 6]),
    ],
)
def test_the_number_of_groups_follows_the_cores(cameras: int, cores: int, sizes: list[int]) -> None:
    """At most eight cameras a group, and more groups with more cores while each has four."""
    groups = Groups(cores)
    groups.arrange([camera(n) for n in range(cameras)])
    assert [len(members) for members in codes(groups).values()] == sizes


@given(lists=st.lists(st.lists(st.integers(0, 60), unique=True), max_size=8), cores=st.integers(1, 16))
def test_whatever_the_list_becomes_no_camera_that_stays_is_moved(lists: list[list[int]], cores: int) -> None:
    """Every camera is in one group, none is too large, and only groups whose cameras changed are told."""
    groups = Groups(cores)
    before: dict[int, set[str]] = {}
    for numbers in lists:
        changed = groups.arrange([camera(n) for n in numbers])
        after = codes(groups)
        assert sorted(code for members in after.values() for code in members) == sorted(camera(n).code for n in numbers)
        assert all(0 < len(members) <= LARGEST for members in after.values())
        for code in {code for members in before.values() for code in members} & {camera(n).code for n in numbers}:
            assert [n for n, members in before.items() if code in members] == [groups.number_of(code)]
        assert changed == {n for n in before.keys() | after.keys() if before.get(n) != after.get(n)}
        before = after


def test_a_camera_that_changed_stays_where_it_is() -> None:
    """And its group alone is told."""
    groups = Groups(cores=2)
    groups.arrange([camera(n) for n in range(24)])
    home = groups.number_of("cam-005")
    assert groups.arrange([camera(n, "new" if n == 5 else "x") for n in range(24)]) == {home}
    assert groups.number_of("cam-005") == home
    assert camera(5, "new") in groups.members(home)


def test_a_group_is_split_until_each_is_alone() -> None:
    """Eight cameras need three splits at the most to single one out."""
    groups = Groups(cores=1)
    groups.arrange([camera(n) for n in range(8)])
    splits = 0
    while len(groups.members(home := groups.number_of("cam-005"))) > 1:
        assert groups.split(home) is not None
        splits += 1
    assert splits == 3
    assert groups.split(home) is None
    assert sorted(len(members) for members in codes(groups).values()) == [1, 1, 2, 4]


def test_strange_and_double_codes_are_errors() -> None:
    """A code names one camera."""
    groups = Groups(cores=1)
    with pytest.raises(ValueError, match="same code"):
        groups.arrange([camera(1), camera(1)])
    with pytest.raises(KeyError):
        groups.number_of("cam-009")
    assert groups.members(7) == ()
