"""Generated pictures and clips: a square that crosses a textured yard from left to right."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]


def yard(width: int = 640, height: int = 360, *, seed: int = 7) -> Luma:
    """A textured, still background, shape (height, width)."""
    coarse = np.random.default_rng(seed).integers(70, 150, (height // 20, width // 20), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))


def with_square(background: Luma, x: float, y: float, *, size: float = 0.2, tone: int = 235) -> Luma:
    """The background with a square around x, y (0..1), `size` of the height long."""
    picture = background.copy()
    height, width = picture.shape
    half = size * height / 2
    left, right = round(x * width - half), round(x * width + half)
    top, bottom = round(y * height - half), round(y * height + half)
    picture[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = tone
    return picture


def passing(seconds: float, rate: float, *, width: int = 640, height: int = 360, pause: float = 0.4) -> list[Luma]:
    """Pictures of a square that waits outside for a part `pause` of the time, then crosses to the right."""
    background = yard(width, height)
    pictures = []
    for number in range(round(seconds * rate)):
        way = (number / (seconds * rate) - pause) / (1 - pause)
        pictures.append(with_square(background, -0.2 + 1.4 * way, 0.6) if way > 0 else background)
    return pictures


def write_clip(path: Path, pictures: list[Luma], *, rate: Fraction = Fraction(25, 2), b_frames: int = 2) -> Path:
    """An H.264 clip in MP4 with a key frame a second."""
    height, width = pictures[0].shape
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.gop_size = round(rate)
        stream.options = {"preset": "ultrafast", "bf": str(b_frames), "crf": "24"}
        for picture in pictures:
            colour = np.repeat(picture[:, :, None], 3, axis=2)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(colour, format="bgr24")))
        container.mux(stream.encode())
    return path
