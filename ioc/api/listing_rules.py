"""What the routes about rules are."""

from typing import Annotated, Any

import msgspec
from aiohttp import web

from ioc.api import models_rules as models
from ioc.api import rule_test, rules
from ioc.api.surface import May, Operation, describe

BASE = "/api/v1/rules"
ONE = f"{BASE}/{{pack}}/{{code}}"

_SEE, _MANAGE = May("see", "rule"), May("manage", "rule")
_Whole = Annotated[int, msgspec.Meta(ge=1)]
_CHANGE = ("stale-rule", "rule-wrong", "unknown-member", "bad-value")
_RELEASE: dict[str, Any] = {
    "expected_version": models.Version,
    "reason": Annotated[str, msgspec.Meta(min_length=3, max_length=500)],
}


def _change(method: str, path: str, vi: str, en: str, body: Any, **more: Any) -> Operation:
    return Operation(
        method=method, path=path, vi=vi, en=en, may=_MANAGE, body=body, answers={200: models.Rule}, problems=_CHANGE,
        **more,
    )  # fmt: skip


def _reading() -> tuple[Operation, ...]:
    filters: dict[str, Any] = dict.fromkeys(rules.FILTERS, str) | {"enabled": bool, "limit": _Whole}
    return (
        Operation(
            method="GET", path=BASE, vi="Các quy tắc cảnh báo", en="Rules", may=_SEE, query=filters,
            answers={200: models.Rules},
        ),
        Operation(
            method="GET", path=ONE, vi="Một quy tắc cảnh báo", en="A rule", may=_SEE, query={"version": _Whole},
            answers={200: models.Rule},
        ),
        Operation(
            method="GET", path=f"{ONE}/versions", vi="Các phiên bản của một quy tắc", en="The versions of a rule",
            may=_SEE, query={"before": _Whole, "limit": _Whole}, answers={200: models.Versions},
        ),
    )  # fmt: skip


def _changing() -> tuple[Operation, ...]:
    made = Operation(
        method="POST", path=BASE, vi="Tạo quy tắc riêng", en="Make a rule of one's own", may=_MANAGE,
        body=models.NewRule, answers={201: models.Rule},
        problems=("rule-wrong", "rule-taken", "pack-shipped", "missing-member", "unknown-member"),
    )  # fmt: skip
    found = [
        made,
        _change("PUT", ONE, "Phiên bản mới của quy tắc", "A rule's next version", models.NewVersion),
        _change("POST", f"{ONE}/enable", "Bật quy tắc", "Enable a rule", models.Step),
        _change("POST", f"{ONE}/disable", "Tắt quy tắc", "Disable a rule", models.Step),
    ]
    restore = _change("POST", f"{ONE}/restore", "Khôi phục quy tắc", "Restore a rule", models.Restore)
    found.append(msgspec.structs.replace(restore, problems=(*_CHANGE, "not-shipped")))
    for where, vi, en in (("devices", "thiết bị", "a device"), ("areas", "khu vực", "an area")):
        path = f"{ONE}/{where}/{{subject}}"
        put = (f"Đặt ngưỡng riêng cho {vi}", f"Set limits of {en}")
        found.append(_change("PUT", path, *put, models.NewOverride))
        end = (f"Bỏ ngưỡng riêng của {vi}", f"Remove limits of {en}")
        found.append(_change("DELETE", path, *end, None, query=_RELEASE, needs=tuple(_RELEASE)))
    return tuple(found)


def _testing() -> Operation:
    return Operation(
        method="POST", path=f"{BASE}/test", vi="Thử quy tắc trên dữ liệu đã lưu", en="Test a rule on stored history",
        may=_MANAGE, body=models.HistoryTest, answers={200: models.Tested},
        problems=("rule-wrong", "not-found", "test-running", "unknown-member", "bad-value"),
    )  # fmt: skip


def routes(app: web.Application) -> None:
    """Add rules to an application."""
    router = app.router
    router.add_get(BASE, rules.listed)
    router.add_post(BASE, rules.make)
    router.add_post(f"{BASE}/test", rule_test.tested)
    router.add_get(ONE, rules.read)
    router.add_put(ONE, rules.change)
    router.add_get(f"{ONE}/versions", rules.versions)
    router.add_post(f"{ONE}/enable", rules.enable)
    router.add_post(f"{ONE}/disable", rules.disable)
    router.add_post(f"{ONE}/restore", rules.restore)
    for where in ("devices", "areas"):
        router.add_put(f"{ONE}/{where}/{{subject}}", rules.override)
        router.add_delete(f"{ONE}/{where}/{{subject}}", rules.release)
    describe(app, *_reading(), *_changing(), _testing())
