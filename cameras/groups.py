"""Which cameras share a worker. No camera is moved while its worker lives. No I/O, no clock."""

import math
from collections.abc import Sequence

from cameras.camera import Camera

LARGEST = 8
"""So many cameras share a worker at the most: what crashes one hurts only these."""
SMALLEST = 4
"""More cores make more groups as long as each has so many cameras."""


class Groups:
    """Cameras by the number of their group. A number is never used again."""

    def __init__(self, cores: int, largest: int = LARGEST) -> None:
        self._cores = cores
        self._largest = largest
        self._next = 0
        self._groups: dict[int, dict[str, Camera]] = {}

    def arrange(self, cameras: Sequence[Camera]) -> set[int]:
        """Make the groups hold exactly these cameras; the numbers of those that changed.

        A camera stays in its group; a new one goes where the fewest are. A group that lost its last camera is gone.
        Raises ValueError when two cameras have the same code.
        """
        wanted = {camera.code: camera for camera in cameras}
        if len(wanted) != len(cameras):
            raise ValueError("two cameras have the same code")
        before = {number: dict(members) for number, members in self._groups.items()}
        for members in self._groups.values():
            for code in list(members):
                if code in wanted:
                    members[code] = wanted.pop(code)
                else:
                    del members[code]
        self._groups = {number: members for number, members in self._groups.items() if members}
        self._add(list(wanted.values()))
        numbers = before.keys() | self._groups.keys()
        return {number for number in numbers if before.get(number) != self._groups.get(number)}

    def split(self, number: int) -> int | None:
        """Move half of a group to a new one and return its number; None when there is nothing to part."""
        members = list(self._groups[number].items())
        half = len(members) // 2
        if not half:
            return None
        self._groups[number] = dict(members[:-half])
        return self._new(dict(members[-half:]))

    def numbers(self) -> list[int]:
        """The groups that there are."""
        return list(self._groups)

    def members(self, number: int) -> tuple[Camera, ...]:
        """The cameras of a group; none of one that is gone."""
        return tuple(self._groups.get(number, {}).values())

    def number_of(self, code: str) -> int:
        """The group of a camera. Raises KeyError for a strange code."""
        for number, members in self._groups.items():
            if code in members:
                return number
        raise KeyError(code)

    def _add(self, cameras: list[Camera]) -> None:
        total = len(cameras) + sum(len(members) for members in self._groups.values())
        fewest = math.ceil(total / self._largest)
        wanted = min(max(fewest, self._cores), max(fewest, total // min(SMALLEST, self._largest)))
        while len(self._groups) < wanted and cameras:
            self._new({})
        for camera in cameras:
            open_ones = [members for members in self._groups.values() if len(members) < self._largest]
            members = min(open_ones, key=len) if open_ones else self._groups[self._new({})]
            members[camera.code] = camera
        self._groups = {number: members for number, members in self._groups.items() if members}

    def _new(self, members: dict[str, Camera]) -> int:
        number, self._next = self._next, self._next + 1
        self._groups[number] = members
        return number
