"""What the routes about the register of devices and cameras are."""

from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web

from cameras.photo import LARGEST
from ioc.api import models_register as models
from ioc.api import register, register_more, seeing
from ioc.api.models import Seeing
from ioc.api.surface import Answer, May, Operation, describe
from ioc.registration.lifecycle import STEPS
from ioc.registration.record import Subject

BASES: dict[Subject, str] = {"device": "/api/v1/devices", "camera": "/api/v1/cameras"}

_Whole = Annotated[int, msgspec.Meta(ge=1)]
NAMES: dict[Subject, tuple[str, str]] = {"device": ("thiết bị", "device"), "camera": ("camera", "camera")}
_MODELS: dict[Subject, tuple[Any, Any, Any, Any, Any]] = {
    "device": (
        models.NewDevice, models.ChangedDevice, models.ChangedDevices, models.DeviceOf, models.DevicesOf,
    ),
    "camera": (
        models.NewCamera, models.ChangedCamera, models.ChangedCameras, models.CameraOf, models.CamerasOf,
    ),
}  # fmt: skip
_STEPS = {
    "approve": ("Duyệt", "Approve"),
    "activate": ("Đưa vào hoạt động", "Put in use"),
    "suspend": ("Tạm dừng", "Suspend"),
    "resume": ("Hoạt động trở lại", "Put in use again"),
    "retire": ("Thôi sử dụng", "Retire"),
}
_SEEING: dict[Subject, tuple[str, str]] = {
    "device": ("", ""),
    "camera": (
        "; với sees: các camera nhìn thấy một điểm, camera đang hoạt động trước",
        "; with sees: the cameras that see a point (lon,lat), live ones first",
    ),
}
_WRONG = (
    "not-allowed", "no-place", "place-beyond", "place-unmeasured", "centre-elsewhere", "unknown-centre", "centre-gone",
    "no-gateway", "marks-refused", "bad-value",
)  # fmt: skip
_LARGEST = 256 * 1024
_LARGEST_OF_MANY = 512 * 1024


def _reading(subject: Subject) -> tuple[Operation, ...]:
    base, (vi, en), see = BASES[subject], NAMES[subject], May("see", subject)
    *_, one, several = _MODELS[subject]
    filters: dict[str, Any] = dict.fromkeys(register.FILTERS, str) | {"limit": _Whole}
    answer: Any = several
    if subject == "camera":
        filters |= {"sees": str, "live": Literal["0", "1", "true", "false"]}
        answer = Answer(model=several, either=Seeing)
    return (
        Operation(
            method="GET", path=base, vi=f"Hồ sơ các {vi}" + _SEEING[subject][0], en=f"Records of {en}s" +
            _SEEING[subject][1], may=see, query=filters, answers={200: answer},
        ),
        Operation(
            method="GET", path=f"{base}/{{code}}", vi=f"Hồ sơ một {vi}", en=f"The record of a {en}", may=see,
            answers={200: one},
        ),
        Operation(
            method="GET", path=f"{base}/{{code}}/history", vi=f"Lịch sử hồ sơ của {vi}",
            en=f"The history of a {en}'s record", may=see, query={"before": _Whole}, answers={200: models.HistoryOf},
        ),
        Operation(
            method="GET", path=f"{base}/{{code}}/photo", vi=f"Ảnh của {vi}", en=f"The photograph of a {en}", may=see,
            answers={200: Answer("image/jpeg")},
        ),
    )  # fmt: skip


def _changing(subject: Subject) -> tuple[Operation, ...]:
    base, (vi, en), may = BASES[subject], NAMES[subject], May("register", subject)
    made, changed, many, one, _ = _MODELS[subject]
    steps = tuple(
        Operation(
            method="POST", path=f"{base}/{{code}}/{step}", vi=f"{_STEPS[step][0]} {vi}",
            en=f"{_STEPS[step][1]}: a {en}", may=may, body=models.TakenStep, answers={200: one},
            problems=("not-allowed", "stale-record", "wrong-step", "law-missing"),
        )
        for step in STEPS
    )  # fmt: skip
    return (
        Operation(
            method="POST", path=base, vi=f"Lập hồ sơ {vi}", en=f"Draft a {en}", may=may, body=made, largest=_LARGEST,
            answers={201: one}, problems=(*_WRONG, "code-taken"),
        ),
        Operation(
            method="PATCH", path=f"{base}/{{code}}", vi=f"Sửa hồ sơ {vi}", en=f"Change the record of a {en}", may=may,
            body=changed, largest=_LARGEST, answers={200: one}, problems=(*_WRONG, "stale-record", "law-missing"),
        ),
        Operation(
            method="PATCH", path=base, vi=f"Sửa nhiều hồ sơ {vi}", en=f"Change the records of many {en}s", may=may,
            body=many, largest=_LARGEST_OF_MANY, answers={200: models.AnswersOf}, problems=("not-allowed",),
        ),
        Operation(
            method="PUT", path=f"{base}/{{code}}/photo", vi=f"Đặt ảnh của {vi}", en=f"Put a {en}'s photograph", may=may,
            raw=register_more.PICTURES, largest=LARGEST, answers={200: one},
            problems=("not-allowed", "unsupported-media", "picture-refused", "picture-not-kept"),
        ),
        *steps,
    )  # fmt: skip


def _of_cameras() -> tuple[Operation, ...]:
    one, may = f"{BASES['camera']}/{{code}}", May("register", "camera")
    return (
        Operation(
            method="PUT", path=f"{one}/calibration", vi="Hiệu chỉnh camera với mặt đất",
            en="Tie a camera's picture to the ground", may=may, body=models.NewCalibration, largest=_LARGEST,
            answers={200: models.Calibrated}, problems=("not-allowed", "stale-record", "marks-refused"),
        ),
    )  # fmt: skip


async def cameras(request: web.Request) -> web.Response:
    """`GET /api/v1/cameras`: their records; with `sees` those that see a point."""
    return await (seeing.seeing(request) if "sees" in request.rel_url.query else register.listed("camera", request))


def routes(app: web.Application) -> None:
    """Add the register to an application."""
    router = app.router
    for subject, base in BASES.items():
        one = f"{base}/{{code}}"
        router.add_get(base, partial(register.listed, subject) if subject == "device" else cameras)
        router.add_post(base, partial(register.create, subject))
        router.add_patch(base, partial(register.change_many, subject))
        router.add_get(one, partial(register.read, subject))
        router.add_patch(one, partial(register.change, subject))
        router.add_get(f"{one}/history", partial(register.history, subject))
        router.add_get(f"{one}/photo", partial(register_more.photo, subject))
        router.add_put(f"{one}/photo", partial(register_more.put_photo, subject))
        for step in STEPS:
            router.add_post(f"{one}/{step}", partial(register.take_step, subject, step))
        describe(app, *_reading(subject), *_changing(subject))
    router.add_put(f"{BASES['camera']}/{{code}}/calibration", register_more.calibrate)
    describe(app, *_of_cameras())
