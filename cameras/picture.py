"""Colour pictures -> JPEG, for evidence and for the newest picture: always by way of the camera's privacy mask."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from cameras.privacy import Mask

QUALITY = 80
WIDTH = 640

COLUMNS = 3


def jpeg(picture: npt.NDArray[np.uint8], mask: Mask, quality: int = QUALITY) -> bytes:
    """The JPEG of a picture in blue, green, red of shape (height, width, 3), with the mask's pixels black.

    Raises ValueError; then there is no picture.
    """
    made, encoded = cv2.imencode(
        ".jpg", mask.blacken(picture) if mask else picture, [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    if not made:
        raise ValueError(f"a picture of shape {picture.shape} cannot be made into a JPEG")
    return encoded.tobytes()


def sheet(pictures: Sequence[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
    """Pictures of one width side by side, three in a row, in their order. Raises ValueError when there is none."""
    if not pictures:
        raise ValueError("there is no picture for a sheet")
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // COLUMNS)
    whole = np.zeros((rows * height, min(COLUMNS, len(pictures)) * width, 3), np.uint8)
    for number, picture in enumerate(pictures):
        row, column = divmod(number, COLUMNS)
        whole[row * height : (row + 1) * height, column * width : (column + 1) * width] = picture[:height, :width]
    return whole
