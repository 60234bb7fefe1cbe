"""Colour pictures -> JPEG, for evidence and for the newest picture."""

import cv2
import numpy as np
import numpy.typing as npt

QUALITY = 80
WIDTH = 640


def jpeg(picture: npt.NDArray[np.uint8], quality: int = QUALITY) -> bytes:
    """The JPEG of a picture in blue, green, red of shape (height, width, 3)."""
    made, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not made:
        raise ValueError(f"a picture of shape {picture.shape} cannot be made into a JPEG")
    return encoded.tobytes()
