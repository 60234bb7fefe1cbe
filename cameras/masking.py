"""The stream of a camera with masks, as it may be watched: encoded anew without delay, whatever the source does."""

from collections.abc import Sequence

from cameras.camera import Point
from cameras.packets import Header, Piece
from cameras.privacy import Mask
from cameras.reencode import Reencoder, SizeChangedError


class Masking:
    """Takes headers and packets of a source, gives those of the masked stream. Nothing of the source passes."""

    def __init__(self, masks: Sequence[Sequence[Point]]) -> None:
        self._mask = Mask(masks)
        if not self._mask:
            raise ValueError("there is no mask to apply")
        self._source: Header | None = None
        self._coder: Reencoder | None = None
        self._told = False

    def take(self, one: Header | Piece) -> list[Header | Piece]:
        """What is ready after one more: a header before the first packet of each masked stream."""
        if isinstance(one, Header):
            self._begin(one)
            return []
        if self._coder is None:
            return []
        try:
            made = self._coder.take(one)
        except SizeChangedError:
            if self._source is not None:
                self._begin(self._source)
            made = self._coder.take(one)
        if not made or self._coder.header is None:
            return []
        first: list[Header | Piece] = [] if self._told else [self._coder.header]
        self._told = True
        return [*first, *made]

    def _begin(self, source: Header) -> None:
        self._source, self._told = source, False
        self._coder = Reencoder(source, self._mask, live=True)
