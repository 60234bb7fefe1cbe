"""What is usual in each kind of scene: the defaults of the analysis, one set a kind, never one a clip."""

import msgspec

from cameras.camera import SceneKind


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How a kind of scene is analysed. Lengths are parts of the picture's width or height.

    `smallest` is the least area of a moving object, as a part of the picture; `join` how far apart the
    pieces of one object may lie (x, y); `upheaval` the part of the picture's fields in which something
    changes only when the whole scene does; `contrast` the least change of brightness (0..255) that counts;
    `foot` whether an object stands at the bottom of its box (else at the middle); `reach` how far an object
    may go between two looked-at pictures.
    """

    smallest: float
    join: tuple[float, float]
    upheaval: float = 0.8
    contrast: float = 13.0
    foot: bool = True
    reach: float = 0.15
    people: bool = False
    neck: float = 0.05
    hollow: float = 0.25
    halts: bool = False


MANNERS: dict[SceneKind, Manner] = {
    "overhead": Manner(smallest=0.010, join=(0.015, 0.03), foot=False, reach=0.2, hollow=0.4, halts=True),
    "indoor": Manner(smallest=0.012, join=(0.03, 0.10), reach=0.15, people=True, neck=0.3, hollow=0.5, contrast=16.0),
    "street": Manner(smallest=0.0015, join=(0.012, 0.02), reach=0.12, hollow=0.35, halts=True),
    "square": Manner(smallest=0.0015, join=(0.003, 0.03), reach=0.08, hollow=0.15, people=True, contrast=16.0),
}
