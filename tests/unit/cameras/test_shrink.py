"""Facts about making planes small."""

import cv2
import numpy as np
import pytest

from cameras.shrink import WIDTH, coloured, shrink
from tests.fakes.video import yard


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (768, 432), (640, 352), (426, 240), (704, 576)])
def test_a_plane_is_the_mean_of_what_it_was(size: tuple[int, int]) -> None:
    """At every size of a camera it is nearly what one slow step with the mean of all points gives."""
    plane = yard(*size)
    small = shrink(plane)
    assert small.shape == (round(size[1] * WIDTH / size[0]), WIDTH)
    wanted = cv2.resize(plane, small.shape[::-1], interpolation=cv2.INTER_AREA).astype(int)
    assert abs(small - wanted).mean() < 2


def test_noise_is_averaged_away() -> None:
    """Each point is made of all that it stands for: sixteen make a quarter of the noise."""
    noise = np.random.default_rng(1).normal(128, 16, (720, 1280)).astype(np.uint8)
    assert float(shrink(noise).std()) < 5


def test_a_small_plane_is_left_alone() -> None:
    """What is small already costs nothing."""
    plane = yard(320, 180)
    assert shrink(plane) is plane
    assert shrink(shrink(yard(1280, 720))).shape == (180, 320)


def test_a_plane_with_strides_is_read_right() -> None:
    """What the decoder keeps beside each row does not show."""
    plane = np.full((360, 700), 255, np.uint8)
    plane[:, :640] = yard(640, 360)
    assert (shrink(plane[:, :640]) == shrink(yard(640, 360))).all()


def test_planes_become_a_picture_in_colour() -> None:
    """Blue, green and red come in this order, at half the size of the planes."""
    wanted = np.zeros((360, 640, 3), np.uint8)
    wanted[:, :320], wanted[:, 320:] = (200, 40, 40), (40, 40, 200)
    planes = cv2.cvtColor(wanted, cv2.COLOR_BGR2YUV_I420)
    chroma = planes[360:].reshape(2, 180, 320)
    picture = coloured(planes[:360], chroma[0], chroma[1], 320, 180)
    assert picture.shape == (180, 320, 3)
    assert abs(picture.astype(int) - wanted[::2, ::2])[:, 10:150].max() < 8
    assert abs(picture.astype(int) - wanted[::2, ::2])[:, 170:310].max() < 8
