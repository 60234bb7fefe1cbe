"""What is done to cameras: each attack turns a real picture into the one that is then seen.

A change is called with a luma plane and the seconds since it began. Lengths are parts of the picture, so that
clips of every size are treated alike.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

Luma = npt.NDArray[np.uint8]
Change = Callable[[Luma, float], Luma]


class Happening(NamedTuple):
    """A change, the states that say it truly (none: the camera stays live), and how long it lasts in seconds."""

    change: Change
    states: frozenset[str]
    lasts_s: float = 75.0


def grown(since: float, whole_s: float) -> float:
    return min(max(since / whole_s, 0.0), 1.0)


def noise_of(since: float) -> np.random.Generator:
    return np.random.default_rng(round(since * 1000))


def noisy(picture: npt.NDArray[np.float32], since: float, sigma: float) -> Luma:
    noise = noise_of(since).normal(0.0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def floats(picture: Luma) -> npt.NDArray[np.float32]:
    return picture.astype(np.float32)


def _cloth(shape: tuple[int, int], tone: float, texture: float) -> npt.NDArray[np.float32]:
    """A near, unsharp surface: slow waves of brightness."""
    height, width = shape
    coarse = np.random.default_rng(3).normal(tone, texture, (5, 8)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def hand(picture: Luma, since: float) -> Luma:
    """A dark, unsharp hand that grows over the lens from the left within 4 s."""
    width = picture.shape[1]
    edge = grown(since, 4.0) * 1.2 * width
    soft = np.clip((edge - np.arange(width, dtype=np.float32)) / (0.1 * width), 0, 1)[None, :]
    return noisy(floats(picture) * (1 - soft) + _cloth(picture.shape, 55, 12) * soft, since, 1.5)


def cloth(picture: Luma, since: float) -> Luma:
    """A light cloth that falls over the lens at once."""
    return noisy(_cloth(picture.shape, 150, 14), since, 2.0)


def bag(picture: Luma, since: float) -> Luma:
    """A crumpled bag: creases with edges of their own, which move a little in the wind."""
    height, width = picture.shape
    creases = np.random.default_rng(5).normal(110, 30, (10, 16)).astype(np.float32)
    large = cv2.resize(creases, (width + 20, height), interpolation=cv2.INTER_CUBIC)
    start = round(10 + 4 * np.sin(since))
    return noisy(np.asarray(large[:, start : start + width], dtype=np.float32), since, 1.5)


def cap(picture: Luma, since: float) -> Luma:
    """A lens cap: black with the sensor's noise, pushed over from above within 3 s."""
    height = picture.shape[0]
    covered = round(grown(since, 3.0) * height)
    out = floats(picture)
    out[:covered] = 10
    return noisy(out, since, 1.0)


def spray(picture: Luma, since: float) -> Luma:
    """Paint in unsharp drops, until nearly all is covered after 8 s."""
    height, width = picture.shape
    rng = np.random.default_rng(11)
    mask = np.zeros((height, width), np.float32)
    for _ in range(round(grown(since, 8.0) * 260)):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        cv2.circle(mask, (x, y), max(3, round(width * float(rng.uniform(0.03, 0.07)))), 1.0, -1)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.008 * width), dtype=np.float32)
    return noisy(floats(picture) * (1 - mask) + 90 * mask, since, 1.5)


def half_board(picture: Luma, since: float) -> Luma:
    """A board before most of the picture: only the right fifth is left."""
    out = floats(picture)
    out[:, : round(0.8 * picture.shape[1])] = 120
    return noisy(out, since, 1.5)


def defocus(picture: Luma, since: float) -> Luma:
    """The focus is turned away within 3 s."""
    sigma = 0.012 * picture.shape[1] * max(grown(since, 3.0), 0.05)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), dtype=np.uint8)


def slight_defocus(picture: Luma, since: float) -> Luma:
    """A focus that slipped: small print is gone, things are still known."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.006 * picture.shape[1]), dtype=np.uint8)


def grease(picture: Luma, since: float) -> Luma:
    """Grease on the dome: unsharp, with less contrast and a veil."""
    soft = cv2.GaussianBlur(floats(picture), (0, 0), 0.015 * picture.shape[1])
    return noisy(np.asarray(0.6 * soft + 70, dtype=np.float32), since, 1.0)


def shifted(picture: Luma, dx: float, dy: float, degrees: float = 0.0) -> Luma:
    """The picture after the camera turned: what comes in at the border is the mirrored rest."""
    height, width = picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turn[0, 2] += dx * width
    turn[1, 2] += dy * height
    return np.asarray(cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REFLECT_101), np.uint8)


def turned_3(picture: Luma, since: float) -> Luma:
    """3 degrees of a view of 60."""
    return shifted(picture, 0.05, 0.01)


def turned_8(picture: Luma, since: float) -> Luma:
    """8 degrees of a view of 60, within 2 s."""
    part = grown(since, 2.0)
    return shifted(picture, -0.133 * part, 0.03 * part)


def turned_20(picture: Luma, since: float) -> Luma:
    """20 degrees of a view of 60."""
    return shifted(picture, 0.33, -0.05)


def rolled(picture: Luma, since: float) -> Luma:
    """Tilted about its axis by 12 degrees."""
    return shifted(picture, 0.02, 0.0, 12.0)


def turned_away(picture: Luma, since: float) -> Luma:
    """Turned by 180 degrees: another scene."""
    return np.ascontiguousarray(picture[::-1, ::-1])


def torch(picture: Luma, since: float) -> Luma:
    """A torch into the lens: a burnt-out disc with a wide veil."""
    height, width = picture.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    far = np.hypot(x - 0.45 * width, y - 0.5 * height) / width
    wobble = 1 + 0.05 * np.sin(3 * since)
    light = 900.0 * np.exp(-((far / (0.22 * wobble)) ** 2)) + 60
    return noisy(np.asarray(floats(picture) * 0.5 + light, dtype=np.float32), since, 2.0)


def burnt_out(picture: Luma, since: float) -> Luma:
    """So much light that all is white."""
    return np.clip(floats(picture) * 0.2 + 240, 0, 255).astype(np.uint8)


def lights_out(picture: Luma, since: float) -> Luma:
    """All light is gone at once; a little is left to guess."""
    return noisy(floats(picture) * np.float32(0.04) + 6, since, 1.5)


def black(picture: Luma, since: float) -> Luma:
    """No light at all, and the sensor's noise."""
    return noisy(np.full(picture.shape, 8.0, np.float32), since, 1.5)


ATTACKS: Mapping[str, Happening] = {
    "hand": Happening(hand, frozenset({"covered"})),
    "cloth": Happening(cloth, frozenset({"covered"})),
    "bag": Happening(bag, frozenset({"covered", "moved"})),
    "cap": Happening(cap, frozenset({"covered", "dark"})),
    "spray": Happening(spray, frozenset({"covered"})),
    "board": Happening(half_board, frozenset({"covered"})),
    "defocus": Happening(defocus, frozenset({"blurred"})),
    "slight defocus": Happening(slight_defocus, frozenset({"blurred"})),
    "grease": Happening(grease, frozenset({"blurred", "covered"})),
    "turned 3": Happening(turned_3, frozenset({"moved"})),
    "turned 8": Happening(turned_8, frozenset({"moved"})),
    "turned 20": Happening(turned_20, frozenset({"moved"})),
    "rolled": Happening(rolled, frozenset({"moved"})),
    "turned away": Happening(turned_away, frozenset({"moved"})),
    "torch": Happening(torch, frozenset({"glare"})),
    "burnt out": Happening(burnt_out, frozenset({"glare"})),
    "lights out": Happening(lights_out, frozenset({"dark"})),
    "black": Happening(black, frozenset({"dark"})),
}
