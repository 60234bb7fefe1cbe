"""Facts about JPEGs."""

import cv2
import numpy as np
import pytest

from cameras.picture import jpeg


def test_a_picture_comes_back_nearly_as_it_was() -> None:
    """Blue stays blue."""
    picture = np.zeros((36, 64, 3), np.uint8)
    picture[:, :, 0] = 200
    again = cv2.imdecode(np.frombuffer(jpeg(picture), np.uint8), cv2.IMREAD_COLOR)
    assert again.shape == picture.shape
    assert abs(again.astype(int) - picture).max() < 6


def test_no_picture_is_no_jpeg() -> None:
    """An empty picture is refused."""
    with pytest.raises((ValueError, cv2.error)):
        jpeg(np.zeros((0, 0, 3), np.uint8))
