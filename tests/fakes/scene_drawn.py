"""Drawn scenes with exact truth: rectangles that move over a textured yard, and a camera of known geometry."""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from cameras.camera import Point
from cameras.motion import Box, Luma
from gis.footprint import Ground, GroundPoint, Plane
from gis.position import Position

ORIGIN = Position(lon=108.3, lat=15.8)


def round_ones(background: Luma, boxes: Sequence[tuple[Box, int]], *, seed: int = 0) -> Luma:
    """As `drawn`, with ellipses that fill their boxes as people do."""
    picture = background.copy()
    height, width = background.shape
    for (x, y, w, h), tone in boxes:
        centre, axes = (
            (round((x + w / 2) * width), round((y + h / 2) * height)),
            (round(w * width / 2), round(h * height / 2)),
        )
        cv2.ellipse(picture, centre, axes, 0, 0, 360, tone, -1)
    return drawn(picture, [], seed=seed)


def drawn(background: Luma, boxes: Sequence[tuple[Box, int]], *, seed: int = 0) -> Luma:
    """The background with filled boxes (0..1) of a tone each, and the noise of a sensor."""
    picture = background.astype(np.int16)
    height, width = background.shape
    for (x, y, w, h), tone in boxes:
        top, left = max(0, round(y * height)), max(0, round(x * width))
        picture[top : max(top, round((y + h) * height)), left : max(left, round((x + w) * width))] = tone
    noise = np.random.default_rng(seed).integers(-2, 3, picture.shape, dtype=np.int16)
    return np.asarray(np.clip(picture + noise, 0, 255), dtype=np.uint8)


class Pinhole:
    """A camera at a height over flat ground that looks north and down; distances in metres, no distortion."""

    def __init__(self, height_m: float = 6.0, down_deg: float = 20.0, fov_deg: float = 60.0, aspect: float = 16 / 9):
        self.height_m, self.down, self.aspect = height_m, math.radians(down_deg), aspect
        self.focal = 0.5 / math.tan(math.radians(fov_deg) / 2)  # in widths of the picture

    def point(self, east: float, north: float, up: float = 0.0) -> Point:
        """Where a point shows in the picture, 0..1."""
        drop = self.height_m - up
        depth = north * math.cos(self.down) + drop * math.sin(self.down)
        below = drop * math.cos(self.down) - north * math.sin(self.down)
        return 0.5 + self.focal * east / depth, 0.5 + self.focal * self.aspect * below / depth

    def box(self, east: float, north: float, size: tuple[float, float, float], heading_deg: float = 0.0) -> Box:
        """The box around a block of length, width and height (m) that stands there and goes clockwise from north."""
        length, width, high = size
        turn = math.radians(heading_deg)
        corners = []
        for along, aside in ((a * length / 2, b * width / 2) for a in (-1, 1) for b in (-1, 1)):
            e = east + along * math.sin(turn) + aside * math.cos(turn)
            n = north + along * math.cos(turn) - aside * math.sin(turn)
            corners += [self.point(e, n), self.point(e, n, high)]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)

    def ground(self) -> Ground:
        """Its calibration, from four exact marks."""
        return Ground(self.marks())

    def marks(self) -> tuple[GroundPoint, ...]:
        """Four marks on the ground that the camera sees."""
        plane, found = Plane(ORIGIN), []
        for x, y in ((0.2, 0.95), (0.8, 0.95), (0.8, 0.55), (0.2, 0.55)):
            north = self.height_m / math.tan(self.down + math.atan((y - 0.5) / (self.focal * self.aspect)))
            depth = north * math.cos(self.down) + self.height_m * math.sin(self.down)
            position = plane.position(depth * (x - 0.5) / self.focal, north)
            found.append(GroundPoint(x=x, y=y, lon=position.lon, lat=position.lat))
        return tuple(found)
