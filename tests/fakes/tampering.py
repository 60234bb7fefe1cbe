"""What happens to cameras by itself and is no tampering; and what is then said of a clip."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from cameras.tamper import Tamper
from tests.fakes.attacks import Happening, Luma, floats, grown, noise_of, noisy, shifted


def nothing(picture: Luma, since: float) -> Luma:
    """The scene as it is."""
    return picture


SLOW_S = 900.0
"""How long dusk, dawn and a drift of the exposure take: a quarter of an hour, faster than any."""


def dusk(picture: Luma, since: float) -> Luma:
    """Within a quarter of an hour to a twentieth of the light, the camera's noise rising."""
    part = grown(since, SLOW_S)
    return noisy(floats(picture) * np.float32(0.05**part), since, 0.5 + 2.5 * part)


def dawn(picture: Luma, since: float) -> Luma:
    """From a night with street lamps, a quarter of the light, to the day within a quarter of an hour."""
    part = 1.0 - grown(since, SLOW_S)
    return noisy(floats(picture) * np.float32(0.25**part), since, 0.5 + 2.5 * part)


def drift(picture: Luma, since: float) -> Luma:
    """An exposure that wanders up and down over a quarter of an hour."""
    gain = 1.0 + 0.6 * np.sin(2 * np.pi * since / SLOW_S)
    return np.clip(floats(picture) * gain, 0, 255).astype(np.uint8)


def fog(picture: Luma, since: float) -> Luma:
    """Fog rises within ten minutes and takes four fifths of the contrast, far things first."""
    part = grown(since, 600.0)
    far = np.linspace(1.0, 0.75, picture.shape[0], dtype=np.float32)[:, None] * 0.8 * part
    return noisy(floats(picture) * (1 - far) + 180 * far, since, 1.0)


def rain(picture: Luma, since: float) -> Luma:
    """Streaks everywhere, other ones in each picture, and less contrast."""
    height, width = picture.shape
    rng = noise_of(since)
    out = np.ascontiguousarray(floats(picture) * 0.8 + 25)
    for _ in range(250):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        cv2.line(out, (x, y), (x + 2, y + round(0.07 * height)), float(rng.integers(170, 220)), 1)
    return noisy(out, since, 2.0)


def headlights(picture: Luma, since: float) -> Luma:
    """At night a car's lights shine into the lens for 6 s in every 20."""
    height, width = picture.shape
    out = floats(picture) * np.float32(0.3)
    if since % 20 < 6:
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        for at in (0.42, 0.55):
            far = np.hypot(x - at * width, y - 0.6 * height) / width
            out = out + np.asarray(500 * np.exp(-((far / 0.07) ** 2)) + 40 * np.exp(-far * 3), np.float32)
    return noisy(np.asarray(out, np.float32), since, 3.0)


def infrared(picture: Luma, since: float) -> Luma:
    """The camera goes over to its infrared lamp: other tones, bright in the middle, dark at the rim, noise."""
    height, width = picture.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    far = np.hypot(x / width - 0.5, y / height - 0.5)
    lamp = np.clip(1.25 - 1.2 * far, 0.25, 1.2)
    tones = 255 * (floats(picture) / 255) ** 0.7
    return noisy(np.asarray(tones * lamp * 0.7, np.float32), since, 4.0)


def lamp_off(picture: Luma, since: float) -> Luma:
    """One of the lamps is switched off: a third of the light, other shadows."""
    slope = np.linspace(0.2, 0.5, picture.shape[1], dtype=np.float32)[None, :]
    return noisy(floats(picture) * slope, since, 1.5)


def lamp_on(picture: Luma, since: float) -> Luma:
    """A lamp is switched on: brighter by half, one side burnt out."""
    slope = np.linspace(1.3, 1.9, picture.shape[1], dtype=np.float32)[None, :]
    return np.clip(floats(picture) * slope, 0, 255).astype(np.uint8)


def lightning(picture: Luma, since: float) -> Luma:
    """Flashes of a third of a second."""
    return np.clip(floats(picture) * 1.8 + 60, 0, 255).astype(np.uint8) if since % 7 < 0.3 else picture


def wind(picture: Luma, since: float) -> Luma:
    """The mast sways: up to a hundredth of the width to and fro."""
    return shifted(picture, 0.01 * np.sin(2.1 * since), 0.006 * np.sin(1.3 * since))


def _truck(picture: Luma, since: float, side: npt.NDArray[np.float32]) -> Luma:
    """Something that comes in from the left within 1.5 s, stands for 20 s, and goes on."""
    width = picture.shape[1]
    front = grown(since, 1.5) * width
    back = grown(since - 21.5, 1.5) * width
    out = floats(picture)
    out[:, round(back) : round(front)] = side[:, round(back) : round(front)]
    return noisy(out, since, 1.5)


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
    out = floats(picture)
    width = picture.shape[1]
    out[:, : round(grown(since, 2.0) * 0.34 * width)] = 190
    return noisy(out, since, 1.0)


def low_bitrate(picture: Luma, since: float) -> Luma:
    """The camera saves bandwidth: strong compression."""
    _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 22])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


QUIET: frozenset[str] = frozenset()

HARMLESS: Mapping[str, Happening] = {
    "nothing": Happening(nothing, QUIET, 120.0),
    "dusk": Happening(dusk, QUIET, SLOW_S),
    "dawn": Happening(dawn, QUIET, SLOW_S),
    "drift": Happening(drift, QUIET, SLOW_S),
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


RATE = 5
"""Pictures a second of the clips that are tried."""
WARM_S, BACK_S = 40.0, 30.0


class Outcome(NamedTuple):
    """What was said: states with the seconds since the change began, and how soon it was over once it ended."""

    said: tuple[tuple[float, str], ...]
    cleared_s: float | None

    def true_to(self, happening: Happening) -> bool:
        """Whether it was noticed by a true name and ended with it; or, of what is harmless, never told."""
        if not happening.states:
            return not self.said
        names = {name for _, name in self.said}
        return bool(names) and names <= happening.states and self.cleared_s is not None


def to_and_fro(pictures: Sequence[Luma], step: int = RATE) -> Iterator[Luma]:
    """Every `step`-th picture of a clip for ever, forwards and backwards, so that nothing jumps at its ends."""
    way = [*range(len(pictures)), *range(len(pictures) - 2, 0, -1)]
    number = 0
    while True:
        yield pictures[way[number % len(way)]]
        number += step


def tried(pictures: Sequence[Luma], happening: Happening, warm_s: float = WARM_S) -> Outcome:
    """What the machine says of a clip to which something happens after `warm_s` seconds, at a picture a second."""
    tamper, stream, at = Tamper(), to_and_fro(pictures), 0.0
    began = happening.change if happening.change is dawn else nothing
    said: list[tuple[float, str]] = []
    while at < warm_s:
        if (state := tamper.look(began(next(stream), at / 1000), at)) is not None:
            said.append((at - warm_s, state.value))
        at += 1.0
    while at < warm_s + happening.lasts_s:
        state = tamper.look(happening.change(next(stream), at - warm_s), at)
        if state is not None and (not said or said[-1][1] != state.value):
            said.append((at - warm_s, state.value))
        at += 1.0
    over, cleared = at, None
    while happening.states and cleared is None and at < over + BACK_S:
        if tamper.look(next(stream), at) is None:
            cleared = at - over
        at += 1.0
    return Outcome(tuple(said), cleared)


def small(picture: Luma) -> Luma:
    """A picture 320 pixels wide, as small as a sub-stream may be."""
    size = (320, round(picture.shape[0] * 320 / picture.shape[1]))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
