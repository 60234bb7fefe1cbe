"""The optional learned detector: a picture in, what is in it out, behind one Protocol; here with models in ONNX.

The model runs in OpenCV's own runtime, so that nothing more has to be installed. It must have a fixed input of shape
(1, 3, height, width), red, green, blue in 0..1, and one output in either of two layouts, N places and C classes:

- (1, 4 + C, N), as YOLOv8, v9 and 11 are exported (`format=onnx`, without NMS): x, y of the middle, width, height in
  pixels of the input, then the score of each class;
- (1, N, 5 + C), as YOLOv5 and v7 are: the same with the score of there being anything before those of the classes.

The names of the classes stand in a text file beside the model (`NAME.txt`, one a line), or in its metadata (`names`).
"""

import functools
import logging
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import cv2
import msgspec
import numpy as np
import numpy.typing as npt

from cameras.motion import Box
from cameras.onnx_file import About, about
from cameras.stream import Picture

log = logging.getLogger(__name__)

LARGEST = 300 * 1024 * 1024
"""A larger model is refused: it would neither fit beside the cameras nor be quick enough."""
LARGEST_SIDE = 1536
MEMORY = 4 * 2**30
"""What a model may need to be tried out, in bytes."""
TRY_S = 60.0
"""How long that may take, in seconds."""
REST = 4.0
SURE = 0.35
"""A score below this is nothing."""
SAME = 0.5
"""Of two boxes of one class that overlap so much (intersection over union), the surer stays."""
GREY = 114
"""What a picture is filled up with to the shape of the input."""

Scores = npt.NDArray[np.float32]


class Detection(msgspec.Struct, frozen=True, kw_only=True):
    """Something in a picture: its class as the model names it, the trust in it (0..1), its box."""

    name: str
    score: float
    box: Box


class Detector(Protocol):
    """Finds things in a picture in blue, green, red of shape (height, width, 3)."""

    def find(self, picture: Picture) -> list[Detection]:
        """What is in it, the surest first."""


class DetectorError(Exception):
    """A model cannot be used; the text is one sentence that says what to do."""


class OnnxDetector:
    """A model from a file. Raises DetectorError when it cannot be used. One thread at a time may find with it."""

    def __init__(self, path: Path) -> None:
        known = _known(path)
        self._names = _names(path, known)
        self._height, self._width = known.height, known.width
        try:
            self._net = cv2.dnn.readNetFromONNX(str(path))
            found = self._run(np.full((self._height, self._width, 3), GREY, np.uint8))
        except (cv2.error, MemoryError) as error:
            raise DetectorError(
                f"the detector {path.name} cannot be run ({_short(error)}): export it again with a fixed input size"
            ) from None
        self._objectness = _layout(found.shape, len(self._names), path)

    def find(self, picture: Picture) -> list[Detection]:
        """What is in a picture, the surest first."""
        height, width = picture.shape[:2]
        part = min(self._width / width, self._height / height)
        wide, high = max(1, round(width * part)), max(1, round(height * part))
        left, top = (self._width - wide) // 2, (self._height - high) // 2
        filled = np.full((self._height, self._width, 3), GREY, np.uint8)
        filled[top : top + high, left : left + wide] = cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA)
        boxes, classes, scores = _read(self._run(filled), self._objectness)
        boxes = (boxes - (left, top, 0, 0)) / (wide, high, wide, high)
        kept = cv2.dnn.NMSBoxesBatched(boxes.tolist(), scores.tolist(), classes.tolist(), SURE, SAME)
        return [self._detection(boxes[n], int(classes[n]), float(scores[n])) for n in np.asarray(kept, int).ravel()]

    def _run(self, filled: Picture) -> Scores:
        self._net.setInput(cv2.dnn.blobFromImage(filled, 1 / 255.0, swapRB=True))
        return np.asarray(self._net.forward(), dtype=np.float32)

    def _detection(self, box: npt.NDArray[np.float64], number: int, score: float) -> Detection:
        x, y = (float(min(max(part, 0.0), 1.0)) for part in box[:2])
        right, foot = (float(min(max(box[n] + box[n + 2], 0.0), 1.0)) for n in (0, 1))
        return Detection(
            name=self._names[number], score=min(score, 1.0), box=(x, y, max(right - x, 0), max(foot - y, 0))
        )


class Shared:
    """A detector that the cameras of a worker share, once it has been brought.

    Who finds it busy or at rest does without, and is never kept waiting: after each picture it rests for REST times
    as long as that took, so that all cameras of a worker together spend no more than a fifth of a core on it.
    """

    def __init__(self, detector: Detector | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._detector = detector
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at = float("-inf")

    def bring(self, detector: Detector) -> None:
        """From now on this one finds."""
        self._detector = detector

    @property
    def ready(self) -> bool:
        """Whether there is a detector that neither works nor rests."""
        return self._detector is not None and self._clock() >= self._free_at and not self._lock.locked()

    def find(self, picture: Picture) -> list[Detection] | None:
        """What is in a picture; None when the detector is not ready, or fails at it."""
        if self._detector is None or self._clock() < self._free_at or not self._lock.acquire(blocking=False):
            return None
        began = self._clock()
        try:
            return self._detector.find(picture)
        except (cv2.error, MemoryError) as error:
            log.error("the detector failed at a picture (%s); the camera goes on without", _short(error))
            return None
        finally:
            ended = self._clock()
            self._free_at = ended + REST * (ended - began)
            self._lock.release()


@functools.lru_cache(maxsize=8)
def detector_at(path: str) -> Shared:
    """The detector in a file, one for all cameras of this process. It is loaded beside their work, and when it cannot
    be used that is said once in the log."""
    shared = Shared()
    threading.Thread(target=_load, args=(Path(path), shared), name="detector", daemon=True).start()
    return shared


def _load(path: Path, shared: Shared) -> None:
    try:
        _known(path)
        try_out(path)
        shared.bring(OnnxDetector(path))
    except DetectorError as error:
        log.error("%s; the cameras go on without it", error)


def try_out(path: Path) -> None:
    """Load and run a model in a process of its own. Raises DetectorError when it cannot be used.

    A damaged model can crash the runtime, which would take all cameras of the worker with it, again and again.
    """
    command = [sys.executable, "-m", "cameras.detector", str(path)]
    root, environment = Path(__file__).parents[1], {"LANG": "C.UTF-8"}
    try:
        tried = subprocess.run(
            command, cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=TRY_S
        )
    except subprocess.TimeoutExpired:
        raise DetectorError(f"the detector {path.name} gave no answer in {TRY_S:.0f} s: take a smaller one") from None
    said = tried.stdout.decode("utf-8", "replace").strip()
    if tried.returncode == 1 and said:
        raise DetectorError(said)
    if tried.returncode != 0:
        raise DetectorError(f"the detector {path.name} crashes OpenCV ({tried.returncode}): export it again")


def main(path: Path) -> int:
    """Try a model out in this process: 0, or 1 and a sentence on standard output."""
    cv2.setNumThreads(1)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        OnnxDetector(path)
    except DetectorError as error:
        sys.stdout.write(str(error))
        return 1
    return 0


def _known(path: Path) -> About:
    """What the file says of itself."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise DetectorError(
                f"the detector {path.name} has {size // 2**20} MB: take a model of at most {LARGEST // 2**20} MB"
            )
        known = about(path.read_bytes())
    except OSError as error:
        raise DetectorError(f"the detector {path} cannot be read ({error.strerror}): check IOC_DETECTOR") from None
    except ValueError:
        raise DetectorError(f"the detector {path.name} is no ONNX model, or a part of one: copy it again") from None
    if not (32 <= known.height <= LARGEST_SIDE and 32 <= known.width <= LARGEST_SIDE):
        raise DetectorError(
            f"the detector {path.name} has no fixed input of 32 to {LARGEST_SIDE} points a side: "
            "export it again with a fixed input size"
        )
    return known


def _names(path: Path, known: About) -> tuple[str, ...]:
    beside = path.with_suffix(".txt")
    try:
        names = tuple(line.strip() for line in beside.read_text("utf-8").splitlines() if line.strip())
    except FileNotFoundError:
        names = known.names
    except (OSError, UnicodeDecodeError):
        raise DetectorError(f"the class names in {beside.name} cannot be read: write one a line in UTF-8") from None
    if not names:
        raise DetectorError(f"the detector {path.name} has no class names: write them into {beside.name}, one a line")
    return names


def _layout(shape: Sequence[int], classes: int, path: Path) -> bool:
    """Whether a score of there being anything stands before those of the classes."""
    if len(shape) == 3 and shape[0] == 1:
        if shape[1] == 4 + classes:
            return False
        if shape[2] == 5 + classes:
            return True
    raise DetectorError(
        f"the detector {path.name} answers in the shape {tuple(shape)}, which fits no layout of {classes} classes: "
        "export it without NMS, and check its class names"
    )


def _read(found: Scores, objectness: bool) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64], Scores]:
    """Boxes (left, top, width, height in points of the input), classes and scores of what is sure enough."""
    rows = found[0] if objectness else found[0].T
    scores = rows[:, 5:] * rows[:, 4:5] if objectness else rows[:, 4:]
    classes = scores.argmax(axis=1)
    best = scores[np.arange(len(rows)), classes]
    sure = (best >= SURE) & np.isfinite(rows).all(axis=1)
    x, y, width, height = rows[sure, :4].astype(np.float64).T
    return np.stack((x - width / 2, y - height / 2, width, height), axis=1), classes[sure], best[sure]


def _short(error: BaseException) -> str:
    """The kind of an error of OpenCV, without the paths of its sources."""
    words = str(getattr(error, "err", "") or type(error).__name__)
    return words.splitlines()[0][:120] if words else type(error).__name__


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
