"""Facts about JPEGs."""

import cv2
import numpy as np
import pytest

from cameras.picture import jpeg
from cameras.privacy import Mask


def test_a_picture_comes_back_nearly_as_it_was() -> None:
    """Blue stays blue."""
    picture = np.zeros((36, 64, 3), np.uint8)
    picture[:, :, 0] = 200
    again = cv2.imdecode(np.frombuffer(jpeg(picture, Mask()), np.uint8), cv2.IMREAD_COLOR)
    assert again.shape == picture.shape
    assert abs(again.astype(int) - picture).max() < 6


def test_no_picture_is_no_jpeg() -> None:
    """An empty picture is refused."""
    with pytest.raises((ValueError, cv2.error)):
        jpeg(np.zeros((0, 0, 3), np.uint8), Mask())


def test_what_is_masked_is_not_in_it() -> None:
    """Nor is a trace of its colour, also at a low quality."""
    picture = np.full((360, 640, 3), 90, np.uint8)
    picture[100:200, 200:400] = (0, 0, 255)
    mask = Mask([[(200 / 640, 100 / 360), (400 / 640, 100 / 360), (400 / 640, 200 / 360), (200 / 640, 200 / 360)]])
    again = cv2.imdecode(np.frombuffer(jpeg(picture, mask, quality=10), np.uint8), cv2.IMREAD_COLOR)
    assert (again[:, :, 2].astype(int) - again[:, :, 0]).max() < 12
