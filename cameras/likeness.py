"""How much a picture is still the view that a camera usually has, measured on a small luma plane. No I/O, no clock.

The picture is divided into 16 x 9 fields. Each field that usually shows something (lines, edges, print) is
compared with the usual picture by normalised correlation, which neither exposure nor a lamp nor haze changes:
only what is seen does.
"""

import math

import cv2
import msgspec
import numpy as np
import numpy.typing as npt

from cameras.exposure import median, ranked
from cameras.motion import Luma
from cameras.shrink import WIDTH, shrink

Plane = npt.NDArray[np.float32]

WIDE, SMALL = WIDTH, 160
"""Widths of the planes on which sharpness and likeness are measured."""
FIELDS = (16, 9)
SHOWS = 1.5
"""A field shows something when its brightness (0..255) spreads by so much."""
SAME = 0.5
"""A field is what it was when its correlation with the usual one reaches this."""
FEW = 6
"""With fewer fields that show something nothing can be said of the rest."""
MANY = 20
"""A view that may be rolled is looked for at many angles, so that each needs more fields."""
PROVEN = 10
"""In so many looks a view must have been known again before it can be missed."""
FAINT = 0.01
"""With less than this part of the usual energy something is not seen, though a trace of it may be measured."""
BURNT = 238.0
SMOOTH = 0.35
"""How much a new look counts against the ones before: rain, passers-by and noise fade, what stays remains."""
FOLLOW_S, ABSORB_S = 60.0, 240.0
"""How fast the usual picture follows what changes slowly, and takes in what has come to stay, in seconds."""
NEAREST = 0.02
"""A turn is told from this part of the width on: a little over one degree of a view of sixty."""


class Look(msgspec.Struct, kw_only=True):
    """What is measured of the pictures lately, smoothed over a few seconds. Energies are by field.

    `first`: there was none before it, so that noise cannot be told from fine detail. `restless`: the energy
    of fine detail that was not there at the look before; much of it is heavy rain, or noise.
    """

    first: bool = False
    restless: float = 0.0

    small: Plane
    fine: Plane
    coarse: Plane
    detail: Plane
    spread: Plane

    @property
    def bright(self) -> float:
        """The brightness that a twentieth of the picture exceeds."""
        return ranked(self.small[::2, ::2].ravel(), 0.95)

    @property
    def burnt(self) -> float:
        """The part of the picture that is white."""
        return float(np.count_nonzero(self.small > BURNT)) / self.small.size

    @property
    def blank(self) -> bool:
        """Whether the picture shows nothing at all."""
        return float(self.small.std()) < 2.5


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """A look against the usual view; parts are 0..1.

    `known`: how many fields usually show something; `kept`: the part of them that still shows it; `flat`: the
    part that shows nothing any more; `rich`: fields that show something now, against `known`; `sharp`: fine
    detail now against usual; `layout`: correlation of the whole picture, made very small; `bright` and `dimmed`:
    brightness and what it is of the usual; `burnt`: the part that is white beyond the usual.
    """

    known: int
    kept: float
    flat: float
    rich: float
    sharp: float
    layout: float
    bright: float
    dimmed: float
    burnt: float


def fields(plane: Plane) -> Plane:
    """The mean of each field."""
    return np.asarray(cv2.resize(plane, FIELDS, interpolation=cv2.INTER_AREA), dtype=np.float32)


def spread(plane: Plane) -> Plane:
    """The variance within each field."""
    mean = fields(plane)
    return np.maximum(fields(plane * plane) - mean * mean, 0.0)


def _detail(plane: Plane) -> Plane:
    """The energy of fine detail in each field."""
    rest = np.asarray(cv2.GaussianBlur(plane, (5, 5), 0), dtype=np.float32)
    np.subtract(plane, rest, out=rest)
    return fields(np.multiply(rest, rest, out=rest))


def shrunk(luma: Luma) -> Plane:
    """The picture at the width `WIDE`; one that has it already is not made small again."""
    high, wide = luma.shape
    return np.asarray(shrink(luma, WIDE, max(FIELDS[1], round(high * WIDE / wide))), dtype=np.float32)


def _half(plane: Plane, width: int) -> Plane:
    size = (width, max(4, round(plane.shape[0] * width / plane.shape[1])))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def looked(luma: Luma, before: Look | None) -> Look:
    """The look after one more picture; anew when there is none before, or it has another shape."""
    fine = shrunk(luma)
    small = _half(fine, SMALL)
    if before is None or before.fine.shape != fine.shape:
        energy = _detail(fine)
        return Look(small=small, fine=fine, coarse=_half(small, 40), detail=energy, spread=spread(small), first=True)
    change = _detail(fine - before.fine) / 2
    noise = ranked(change.ravel(), 0.2)
    part = np.float32(SMOOTH)
    mean = before.small + part * (small - before.small)
    whole = _detail(fine)
    detail = np.maximum(whole - np.float32(noise), 0.0)
    restless = before.restless + SMOOTH * (median(change.ravel()) - before.restless)
    if before.first:
        return Look(small=mean, fine=fine, coarse=_half(mean, 40), detail=detail, spread=spread(small))
    return Look(
        small=mean,
        fine=fine,
        coarse=_half(mean, 40),
        detail=before.detail + part * (detail - before.detail),
        spread=before.spread + part * (spread(small) - before.spread),
        restless=restless,
    )


def _same(a: Plane, b: Plane, spread_b: Plane) -> tuple[Plane, Plane]:
    """The correlation of each field of two planes, and the variance of the first one's."""
    mean_a, mean_b = fields(a), fields(b)
    spread_a = np.maximum(fields(a * a) - mean_a * mean_a, 0.0)
    both = fields(a * b) - mean_a * mean_b
    found = both / np.sqrt(np.maximum(spread_a * spread_b, 1e-3))
    found[spread_a < FAINT * spread_b] = 0.0
    return np.asarray(found, dtype=np.float32), spread_a


def _alike(a: Plane, b: Plane) -> float:
    """The correlation of two whole planes."""
    x, y = a - a.mean(), b - b.mean()
    if float((x * x).sum()) < 4 * FAINT * float((y * y).sum()):
        return 0.0
    return float((x * y).sum() / math.sqrt(max(float((x * x).sum() * (y * y).sum()), 1e-6)))


class Usual:
    """The usual view of a camera at one kind of light, learnt from its looks."""

    def __init__(self, look: Look) -> None:
        self.picture = look.small.copy()
        self.looks = 1
        self.known_again = 0
        self._spread = spread(self.picture)
        self._detail, self._share = look.detail.copy(), look.spread.copy()
        self.bright, self.burnt = look.bright, look.burnt
        self._lit = self.bright

    @property
    def shows(self) -> npt.NDArray[np.bool_]:
        """Which fields show something, or would by the light that there is now."""
        dimmer = min(1.0, self.bright / max(self._lit, 1.0))
        return np.asarray(self._spread * dimmer**2 > SHOWS**2)

    @property
    def known(self) -> int:
        """How many fields show something."""
        return int(self.shows.sum())

    def compare(self, look: Look) -> Likeness:
        """How a look is against this view."""
        shows = self.shows
        known = int(shows.sum())
        same, contrast = _same(look.small, self.picture, self._spread)
        lost = shows & (same < SAME)
        now = contrast > SHOWS**2
        whole = max(known, 1)
        bright = look.bright
        return Likeness(
            known=known,
            kept=1.0 - float(lost.sum()) / whole,
            flat=float((lost & (contrast < 0.2 * self._spread)).sum()) / whole,
            rich=float(now.sum()) / whole,
            sharp=self._sharp(look, shows),
            layout=_alike(look.coarse, _half(self.picture, 40)),
            bright=bright,
            dimmed=bright / max(self.bright, 1.0),
            burnt=look.burnt - self.burnt,
        )

    def _sharp(self, look: Look, shows: npt.NDArray[np.bool_]) -> float:
        """Fine detail as a part of all contrast, now against usual."""
        if not shows.any():
            return 1.0
        now = float(look.detail[shows].sum()) / max(float(look.spread[shows].sum()), 1e-3)
        usual = float(self._detail[shows].sum()) / max(float(self._share[shows].sum()), 1e-3)
        return now / max(usual, 1e-6)

    def learn(self, look: Look, elapsed: float) -> None:
        """Follow a look that is the usual view: what is kept quickly, what is different slowly."""
        self.looks += 1
        quick = max(1.0 / self.looks, 1 - math.exp(-elapsed / FOLLOW_S))
        slow = min(quick, 1 - math.exp(-elapsed / ABSORB_S))
        same, _ = _same(look.small, self.picture, self._spread)
        pace = np.where(self.shows & (same < SAME), slow, quick).astype(np.float32)
        size = self.picture.shape[::-1]
        self.picture += cv2.resize(pace, size, interpolation=cv2.INTER_NEAREST) * (look.small - self.picture)
        self._spread = spread(self.picture)
        self._detail += pace * (look.detail - self._detail)
        self._share += pace * (look.spread - self._share)
        self._follow_light(look, quick)
        self._lit = self.bright

    @property
    def proven(self) -> bool:
        """Whether it was known again often enough to be a view, not what happened to pass at first."""
        return self.known_again >= PROVEN

    def dim(self, look: Look, elapsed: float) -> None:
        """Follow the light alone, while the view cannot be made out well enough to be learnt."""
        self._follow_light(look, 1 - math.exp(-elapsed / FOLLOW_S))

    def _follow_light(self, look: Look, quick: float) -> None:
        self.bright += quick * (look.bright - self.bright)
        self.burnt += quick * (look.burnt - self.burnt)

    def turned(self, look: Look, roll_deg: float = 0.0) -> float:
        """How much of this view the look shows at another place (0..1): the camera was turned.

        `roll_deg`: and rolled about its axis.
        """
        usual = self.picture if not roll_deg else _rolled(self.picture, roll_deg)
        a, b = _edges(usual), _edges(look.small)
        window = cv2.createHanningWindow(a.shape[::-1], cv2.CV_32F)
        (dx, dy), _ = cv2.phaseCorrelate(a, b, window)
        height, width = a.shape
        if (not roll_deg and math.hypot(dx, dy) < NEAREST * width) or abs(dx) > 0.6 * width or abs(dy) > 0.6 * height:
            return 0.0
        move = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
        moved = np.asarray(cv2.warpAffine(usual, move, (width, height), borderValue=NOWHERE), dtype=np.float32)
        inside = fields((moved >= 0).astype(np.float32)) > 0.99
        contrast = spread(moved)
        shows = inside & (contrast > SHOWS**2)
        same, _ = _same(look.small, moved, contrast)
        return float((same[shows] >= SAME).mean()) if shows.sum() >= (MANY if roll_deg else FEW) else 0.0


NOWHERE = -1.0
"""What a turned picture does not show."""


def _rolled(plane: Plane, degrees: float) -> Plane:
    height, width = plane.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(plane, turn, (width, height), borderValue=NOWHERE), dtype=np.float32)


def _edges(plane: Plane) -> Plane:
    """What stands out of its surroundings, bounded, so that no single bright thing decides."""
    rest = plane - cv2.GaussianBlur(plane, (0, 0), 4.0)
    return np.asarray(np.clip(rest, -20, 20), dtype=np.float32)
