"""Facts about the learned detector, with real models that are made here."""

import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cameras import detector
from cameras.detector import REST, Detection, DetectorError, OnnxDetector, Shared, detector_at, try_out
from cameras.stream import Picture
from tests.fakes.onnx_model import model, picture


def saved(folder: Path, data: bytes, name: str = "model.onnx") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("v5", [False, True])
def test_a_model_finds_what_is_there_where_it_is(tmp_path: Path, v5: bool) -> None:
    found = OnnxDetector(saved(tmp_path, model(v5=v5))).find(picture((20, 20, 0), (44, 36, 1)))
    assert {(one.name, one.box) for one in found} == {
        ("person", (12 / 64, 12 / 64, 0.25, 0.25)),
        ("motorcycle", (36 / 64, 28 / 64, 0.25, 0.25)),
    }
    assert all(0.9 < one.score <= 1.0 for one in found)


def test_an_empty_picture_has_nothing_in_it(tmp_path: Path) -> None:
    assert OnnxDetector(saved(tmp_path, model())).find(picture()) == []


@pytest.mark.parametrize(("width", "height"), [(640, 360), (360, 640), (64, 64), (1280, 720)])
def test_any_shape_of_picture_is_fitted_in_without_bending(tmp_path: Path, width: int, height: int) -> None:
    """The square lies where a field of the input is, whatever the bars beside the picture."""
    part = 64 / max(width, height)
    left, top = (64 - round(width * part)) // 2, (64 - round(height * part)) // 2
    whole = np.full((height, width, 3), 10, np.uint8)
    x, y, side = round((24 - left) / part), round((24 - top) / part), round(8 / part)
    whole[y : y + side, x : x + side, 2] = 250
    (one,) = OnnxDetector(saved(tmp_path, model())).find(whole)
    middle = (one.box[0] + one.box[2] / 2) * width, (one.box[1] + one.box[3] / 2) * height
    assert middle == pytest.approx((x + side / 2, y + side / 2), abs=2.0 / part)


def test_boxes_of_one_thing_become_one_and_two_classes_stay_two(tmp_path: Path) -> None:
    wide = OnnxDetector(saved(tmp_path, model(reach=64.0)))
    red = np.full((64, 64, 3), 10, np.uint8)
    red[16:32, 16:32, 2] = 250
    assert [one.name for one in wide.find(red)] == ["person"], "four fields, one box"
    red[16:32, 24:32] = (10, 250, 10)
    assert sorted(one.name for one in wide.find(red)) == ["motorcycle", "person"]


def test_class_names_beside_the_model_come_first(tmp_path: Path) -> None:
    path = saved(tmp_path, model(("a", "b")))
    (tmp_path / "model.txt").write_text("người\nxe máy\n", encoding="utf-8")
    (one,) = OnnxDetector(path).find(picture((20, 20, 1)))
    assert one.name == "xe máy"


def refused(path: Path) -> str:
    with pytest.raises(DetectorError) as caught:
        OnnxDetector(path)
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 250
    return text


def test_what_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "cannot be read (No such file" in refused(tmp_path / "gone.onnx")
    assert "cannot be read (Is a directory" in refused(tmp_path)
    assert "no ONNX model" in refused(saved(tmp_path, b"not a model at all"))
    assert "no ONNX model" in refused(saved(tmp_path, model()[:-200]))
    assert "no class names" in refused(saved(tmp_path, model(None)))
    assert "fits no layout of 3 classes" in refused(saved(tmp_path, model(("a", "b", "c"))))
    assert "no fixed input" in refused(saved(tmp_path, model(side=0)))
    assert "no fixed input" in refused(saved(tmp_path, model(side=8192)))
    (tmp_path / "model.txt").write_bytes(b"\xff\xfe")
    assert "class names in model.txt cannot be read" in refused(saved(tmp_path, model()))
    (tmp_path / "model.txt").unlink()
    monkeypatch.setattr(detector, "LARGEST", 100)
    assert "take a model of at most" in refused(saved(tmp_path, model()))


def test_a_huge_file_is_refused_by_its_size_alone(tmp_path: Path) -> None:
    path = tmp_path / "huge.onnx"
    with path.open("wb") as file:
        os.truncate(file.fileno(), detector.LARGEST + 1)
    assert "has 300 MB" in refused(path)


def test_a_network_that_cannot_run_is_refused(tmp_path: Path) -> None:
    broken = model().replace(b"Sigmoid", b"Sigmoie")
    assert "cannot be run" in refused(saved(tmp_path, broken))


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_broken_model_is_said_once_and_the_cameras_go_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def said() -> list[str]:
        return [one.message for one in caplog.records if "the cameras go on without it" in one.message]

    path = str(saved(tmp_path, b"broken"))
    with caplog.at_level(logging.ERROR):
        shared = [detector_at(path) for _ in range(5)]
        until(lambda: len(said()) == 1)
    assert not shared[0].ready
    assert shared[0].find(picture()) is None
    assert len(said()) == 1


def test_cameras_share_one_model_that_is_loaded_beside_their_work(tmp_path: Path) -> None:
    path = str(saved(tmp_path, model()))
    shared = detector_at(path)
    assert detector_at(path) is shared
    until(lambda: shared.ready)
    found = shared.find(picture((20, 20, 0)))
    assert found is not None
    assert [one.name for one in found] == ["person"]


def test_a_model_that_crashes_the_runtime_crashes_only_its_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, model())
    try_out(path)
    with pytest.raises(DetectorError, match="cannot be run"):
        try_out(saved(tmp_path, model().replace(b"Sigmoid", b"Sigmoie"), "other.onnx"))
    damaged = bytearray(model())
    damaged[damaged.index(b"scores\n\x05shape") + len(b"scores\n\x05sha")] = 0xA4  # the reshape's own input is gone
    with pytest.raises(DetectorError, match=r"crashes OpenCV|cannot be run"):
        try_out(saved(tmp_path, bytes(damaged), "damaged.onnx"))
    dying = tmp_path / "dying"
    dying.write_text("#!/bin/sh\nkill -SEGV $$\n", encoding="utf-8")
    dying.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(dying))
    with pytest.raises(DetectorError, match=r"crashes OpenCV \(-11\): export it again"):
        try_out(path)


def test_a_model_that_gives_no_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging = tmp_path / "hanging"
    hanging.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    hanging.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(hanging))
    monkeypatch.setattr(detector, "TRY_S", 0.2)
    with pytest.raises(DetectorError, match="gave no answer"):
        try_out(saved(tmp_path, model()))


class Busy:
    """A detector that takes two seconds of its clock, and asks itself while it is at work."""

    def __init__(self) -> None:
        self.at = 0.0
        self.shared = Shared(self, clock=lambda: self.at)
        self.inside: list[Detection] | None = []

    def find(self, whole: Picture) -> list[Detection]:
        self.inside = self.shared.find(whole)
        self.at += 2.0
        return [Detection(name="person", score=0.9, box=(0, 0, 1, 1))]


def test_who_finds_the_detector_busy_or_at_rest_does_without() -> None:
    busy = Busy()
    assert len(busy.shared.find(picture()) or []) == 1
    assert busy.inside is None
    assert not busy.shared.ready
    busy.at += REST * 2.0 - 0.1
    assert busy.shared.find(picture()) is None
    busy.at += 0.2
    assert busy.shared.ready
    assert len(busy.shared.find(picture()) or []) == 1
