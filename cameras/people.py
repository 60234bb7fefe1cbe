"""One blob -> the people in it, by their heads: a group is wider than one person and has several tops."""

import itertools

import numpy as np
import numpy.typing as npt

Piece = npt.NDArray[np.uint8]
Cut = tuple[int, int, int, int]
"""x, y, width, height in pixels of the piece."""

APART = 0.14
"""How far two heads are apart at least, in parts of the blob's height."""
UPRIGHT = 0.45
"""A column belongs to a body when it reaches this part of the body's height; a shadow on the ground does not."""


def people_in(piece: Piece, neck: float) -> list[Cut]:
    """The boxes of the people in a blob's mask of shape (height, width), without the shadows beside them.

    `neck`: how deep the gap between two heads is at least, in parts of the blob's height.
    """
    height, width = piece.shape
    tall = np.where(piece.any(axis=0), height - piece.argmax(axis=0), 0).astype(np.float64)
    if width >= 5:
        tall = np.convolve(np.pad(tall, 1, mode="edge"), np.ones(3) / 3, mode="valid")
    heads = _heads(tall, height, neck)
    cuts = [0, *(a + int(np.argmin(tall[a : b + 1])) for a, b in itertools.pairwise(heads)), width]
    places = zip(itertools.pairwise(cuts), heads, strict=True)
    return [box for (left, right), head in places if (box := _body(piece, tall, left, right, head))]


def _heads(tall: npt.NDArray[np.float64], height: int, neck: float) -> list[int]:
    """The columns of the tops that stand out, from left to right."""
    order = np.argsort(-tall, kind="stable")
    group = np.full(len(tall), -1)
    heads: set[int] = set()
    least, apart = neck * height, max(3.0, APART * height)
    for column in order:
        near = {int(group[n]) for n in (column - 1, column + 1) if 0 <= n < len(tall) and group[n] >= 0}
        if not near:
            group[column] = column
            continue
        best = max(near, key=lambda top: (tall[top], -top))
        for top in near - {best}:
            if tall[top] - tall[column] >= least:
                heads.add(top)
            group[group == top] = best
        group[column] = best
    heads.add(int(order[0]))
    chosen: list[int] = []
    for head in sorted(heads, key=lambda head: -tall[head]):
        if tall[head] >= 0.45 * height and all(abs(head - other) >= apart for other in chosen):
            chosen.append(head)
    return sorted(chosen)


def _body(piece: Piece, tall: npt.NDArray[np.float64], left: int, right: int, head: int) -> Cut | None:
    """The box of one body between two columns, without what lies flat beside it."""
    height = piece.shape[0]
    foot = height - int(np.argmax(piece[::-1, left:right].any(axis=1)))
    own = tall[head] - (height - foot)
    upright = tall[left:right] - (height - foot) >= UPRIGHT * own
    first, last = head - left, head - left
    while first > 0 and upright[first - 1]:
        first -= 1
    while last + 1 < right - left and upright[last + 1]:
        last += 1
    rows = np.nonzero(piece[:, left + first : left + last + 1].any(axis=1))[0]
    if not len(rows):
        return None
    return left + first, int(rows[0]), last - first + 1, int(rows[-1] - rows[0] + 1)
