"""Colour pictures -> JPEG, for evidence and for the newest picture: always by way of the camera's privacy mask."""

import cv2
import numpy as np
import numpy.typing as npt

from cameras.privacy import Mask

QUALITY = 80
WIDTH = 640


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
