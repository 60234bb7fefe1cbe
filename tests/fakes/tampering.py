"""What is done to cameras, and what happens to them by itself: each turns a real picture into the one then seen.

A change is called with a luma plane and the seconds since it began. Lengths are parts of the picture, so that
clips of every size are treated alike.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
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


def _grown(since: float, whole_s: float) -> float:
    return min(max(since / whole_s, 0.0), 1.0)


def _rng(since: float) -> np.random.Generator:
    return np.random.default_rng(round(since * 1000))


def _noisy(picture: npt.NDArray[np.float32], since: float, sigma: float) -> Luma:
    noise = _rng(since).normal(0.0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def _float(picture: Luma) -> npt.NDArray[np.float32]:
    return picture.astype(np.float32)


def _cloth(shape: tuple[int, int], tone: float, texture: float) -> npt.NDArray[np.float32]:
    """A near, unsharp surface: slow waves of brightness."""
    height, width = shape
    coarse = np.random.default_rng(3).normal(tone, texture, (5, 8)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def hand(picture: Luma, since: float) -> Luma:
    """A dark, unsharp hand that grows over the lens from the left within 4 s."""
    width = picture.shape[1]
    edge = _grown(since, 4.0) * 1.2 * width
    soft = np.clip((edge - np.arange(width, dtype=np.float32)) / (0.1 * width), 0, 1)[None, :]
    return _noisy(_float(picture) * (1 - soft) + _cloth(picture.shape, 55, 12) * soft, since, 1.5)


def cloth(picture: Luma, since: float) -> Luma:
    """A light cloth that falls over the lens at once."""
    return _noisy(_cloth(picture.shape, 150, 14), since, 2.0)


def bag(picture: Luma, since: float) -> Luma:
    """A crumpled bag: creases with edges of their own, which move a little in the wind."""
    height, width = picture.shape
    creases = np.random.default_rng(5).normal(110, 30, (10, 16)).astype(np.float32)
    large = cv2.resize(creases, (width + 20, height), interpolation=cv2.INTER_CUBIC)
    start = round(10 + 4 * np.sin(since))
    return _noisy(np.asarray(large[:, start : start + width], dtype=np.float32), since, 1.5)


def cap(picture: Luma, since: float) -> Luma:
    """A lens cap: black with the sensor's noise, pushed over from above within 3 s."""
    height = picture.shape[0]
    covered = round(_grown(since, 3.0) * height)
    out = _float(picture)
    out[:covered] = 10
    return _noisy(out, since, 1.0)


def spray(picture: Luma, since: float) -> Luma:
    """Paint in unsharp drops, until nearly all is covered after 8 s."""
    height, width = picture.shape
    rng = np.random.default_rng(11)
    mask = np.zeros((height, width), np.float32)
    for _ in range(round(_grown(since, 8.0) * 260)):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        cv2.circle(mask, (x, y), max(3, round(width * float(rng.uniform(0.03, 0.07)))), 1.0, -1)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.008 * width), dtype=np.float32)
    return _noisy(_float(picture) * (1 - mask) + 90 * mask, since, 1.5)


def half_board(picture: Luma, since: float) -> Luma:
    """A board before most of the picture: only the right fifth is left."""
    out = _float(picture)
    out[:, : round(0.8 * picture.shape[1])] = 120
    return _noisy(out, since, 1.5)


def defocus(picture: Luma, since: float) -> Luma:
    """The focus is turned away within 3 s."""
    sigma = 0.012 * picture.shape[1] * max(_grown(since, 3.0), 0.05)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), dtype=np.uint8)


def slight_defocus(picture: Luma, since: float) -> Luma:
    """A focus that slipped: small print is gone, things are still known."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.006 * picture.shape[1]), dtype=np.uint8)


def grease(picture: Luma, since: float) -> Luma:
    """Grease on the dome: unsharp, with less contrast and a veil."""
    soft = cv2.GaussianBlur(_float(picture), (0, 0), 0.015 * picture.shape[1])
    return _noisy(np.asarray(0.6 * soft + 70, dtype=np.float32), since, 1.0)


def _turned(picture: Luma, dx: float, dy: float, degrees: float = 0.0) -> Luma:
    """The picture after the camera turned: what comes in at the border is the mirrored rest."""
    height, width = picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turn[0, 2] += dx * width
    turn[1, 2] += dy * height
    return np.asarray(cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REFLECT_101), np.uint8)


def turned_3(picture: Luma, since: float) -> Luma:
    """3 degrees of a view of 60."""
    return _turned(picture, 0.05, 0.01)


def turned_8(picture: Luma, since: float) -> Luma:
    """8 degrees of a view of 60, within 2 s."""
    part = _grown(since, 2.0)
    return _turned(picture, -0.133 * part, 0.03 * part)


def turned_20(picture: Luma, since: float) -> Luma:
    """20 degrees of a view of 60."""
    return _turned(picture, 0.33, -0.05)


def rolled(picture: Luma, since: float) -> Luma:
    """Tilted about its axis by 12 degrees."""
    return _turned(picture, 0.02, 0.0, 12.0)


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
    return _noisy(np.asarray(_float(picture) * 0.5 + light, dtype=np.float32), since, 2.0)


def burnt_out(picture: Luma, since: float) -> Luma:
    """So much light that all is white."""
    return np.clip(_float(picture) * 0.2 + 240, 0, 255).astype(np.uint8)


def lights_out(picture: Luma, since: float) -> Luma:
    """All light is gone at once; a little is left to guess."""
    return _noisy(_float(picture) * np.float32(0.04) + 6, since, 1.5)


def black(picture: Luma, since: float) -> Luma:
    """No light at all, and the sensor's noise."""
    return _noisy(np.full(picture.shape, 8.0, np.float32), since, 1.5)


def nothing(picture: Luma, since: float) -> Luma:
    """The scene as it is."""
    return picture


HOUR_S = 3600.0


def dusk(picture: Luma, since: float) -> Luma:
    """Within an hour to a twentieth of the light, the camera's noise rising."""
    part = _grown(since, HOUR_S)
    return _noisy(_float(picture) * np.float32(0.05**part), since, 0.5 + 2.5 * part)


def dawn(picture: Luma, since: float) -> Luma:
    """From a night with street lamps, an eighth of the light, to the day within an hour."""
    part = 1.0 - _grown(since, HOUR_S)
    return _noisy(_float(picture) * np.float32(0.125**part), since, 0.5 + 2.5 * part)


def drift(picture: Luma, since: float) -> Luma:
    """An exposure that wanders up and down over an hour."""
    gain = 1.0 + 0.6 * np.sin(2 * np.pi * since / HOUR_S)
    return np.clip(_float(picture) * gain, 0, 255).astype(np.uint8)


def fog(picture: Luma, since: float) -> Luma:
    """Fog rises within ten minutes and takes four fifths of the contrast, far things first."""
    part = _grown(since, 600.0)
    far = np.linspace(1.0, 0.75, picture.shape[0], dtype=np.float32)[:, None] * 0.8 * part
    return _noisy(_float(picture) * (1 - far) + 180 * far, since, 1.0)


def rain(picture: Luma, since: float) -> Luma:
    """Streaks everywhere, other ones in each picture, and less contrast."""
    height, width = picture.shape
    rng = _rng(since)
    out = np.ascontiguousarray(_float(picture) * 0.8 + 25)
    for _ in range(250):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        cv2.line(out, (x, y), (x + 2, y + round(0.07 * height)), float(rng.integers(170, 220)), 1)
    return _noisy(out, since, 2.0)


def headlights(picture: Luma, since: float) -> Luma:
    """At night a car's lights shine into the lens for 6 s in every 20."""
    height, width = picture.shape
    out = _float(picture) * np.float32(0.3)
    if since % 20 < 6:
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        for at in (0.42, 0.55):
            far = np.hypot(x - at * width, y - 0.6 * height) / width
            out = out + np.asarray(500 * np.exp(-((far / 0.07) ** 2)) + 40 * np.exp(-far * 3), np.float32)
    return _noisy(np.asarray(out, np.float32), since, 3.0)


def infrared(picture: Luma, since: float) -> Luma:
    """The camera goes over to its infrared lamp: other tones, bright in the middle, dark at the rim, noise."""
    height, width = picture.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    far = np.hypot(x / width - 0.5, y / height - 0.5)
    lamp = np.clip(1.25 - 1.2 * far, 0.25, 1.2)
    tones = 255 * (_float(picture) / 255) ** 0.7
    return _noisy(np.asarray(tones * lamp * 0.7, np.float32), since, 4.0)


def lamp_off(picture: Luma, since: float) -> Luma:
    """One of the lamps is switched off: a third of the light, other shadows."""
    slope = np.linspace(0.2, 0.5, picture.shape[1], dtype=np.float32)[None, :]
    return _noisy(_float(picture) * slope, since, 1.5)


def lamp_on(picture: Luma, since: float) -> Luma:
    """A lamp is switched on: brighter by half, one side burnt out."""
    slope = np.linspace(1.3, 1.9, picture.shape[1], dtype=np.float32)[None, :]
    return np.clip(_float(picture) * slope, 0, 255).astype(np.uint8)


def lightning(picture: Luma, since: float) -> Luma:
    """Flashes of a third of a second."""
    return np.clip(_float(picture) * 1.8 + 60, 0, 255).astype(np.uint8) if since % 7 < 0.3 else picture


def wind(picture: Luma, since: float) -> Luma:
    """The mast sways: up to a hundredth of the width to and fro."""
    return _turned(picture, 0.01 * np.sin(2.1 * since), 0.006 * np.sin(1.3 * since))


def _truck(picture: Luma, since: float, side: npt.NDArray[np.float32]) -> Luma:
    """Something that comes in from the left within 1.5 s, stands for 20 s, and goes on."""
    width = picture.shape[1]
    front = _grown(since, 1.5) * width
    back = _grown(since - 21.5, 1.5) * width
    out = _float(picture)
    out[:, round(back) : round(front)] = side[:, round(back) : round(front)]
    return _noisy(out, since, 1.5)


def white_truck(picture: Luma, since: float) -> Luma:
    """A plain, light side of a truck fills the picture for 20 s."""
    return _truck(picture, since, np.full(picture.shape, 205.0, np.float32))


def lettered_truck(picture: Luma, since: float) -> Luma:
    """A truck's side with planks and letters fills the picture for 20 s."""
    height, width = picture.shape
    side = np.full((height, width), 90.0, np.float32)
    side[:: max(2, height // 12)] = 40
    cv2.putText(side, "VAN TAI", (width // 10, height // 2), cv2.FONT_HERSHEY_DUPLEX, width / 240, 220.0, 6)
    return _truck(picture, since, side)


def parked_van(picture: Luma, since: float) -> Luma:
    """A van parks and takes a third of the picture for good."""
    out = _float(picture)
    width = picture.shape[1]
    out[:, : round(_grown(since, 2.0) * 0.34 * width)] = 190
    return _noisy(out, since, 1.0)


def low_bitrate(picture: Luma, since: float) -> Luma:
    """The camera saves bandwidth: strong compression."""
    _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 22])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


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

QUIET: frozenset[str] = frozenset()

HARMLESS: Mapping[str, Happening] = {
    "nothing": Happening(nothing, QUIET, 120.0),
    "dusk": Happening(dusk, QUIET, HOUR_S),
    "dawn": Happening(dawn, QUIET, HOUR_S),
    "drift": Happening(drift, QUIET, HOUR_S),
    "fog": Happening(fog, QUIET, 900.0),
    "rain": Happening(rain, QUIET),
    "headlights": Happening(headlights, QUIET, 120.0),
    "infrared": Happening(infrared, QUIET, 120.0),
    "lamp off": Happening(lamp_off, QUIET, 120.0),
    "lamp on": Happening(lamp_on, QUIET, 120.0),
    "lightning": Happening(lightning, QUIET),
    "wind": Happening(wind, QUIET),
    "white truck": Happening(white_truck, QUIET, 60.0),
    "lettered truck": Happening(lettered_truck, QUIET, 60.0),
    "parked van": Happening(parked_van, QUIET, 180.0),
    "low bitrate": Happening(low_bitrate, QUIET, 120.0),
}


def to_and_fro(pictures: Sequence[Luma]) -> Iterator[Luma]:
    """The pictures of a clip for ever, forwards and backwards, so that nothing jumps where it begins again."""
    number, step = 0, 1
    while True:
        yield pictures[number]
        if not 0 <= number + step < len(pictures):
            step = -step
        number = min(max(number + step, 0), len(pictures) - 1)
