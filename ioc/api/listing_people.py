"""What the routes about people and about the audit trail are."""

import datetime as dt
from typing import Any

from aiohttp import web

from ioc.api import models_audit, models_people
from ioc.api.surface import Answer, May, Operation, describe

_VI = {
    "/api/v1/invite": "Đặt mật khẩu qua liên kết dùng một lần",
    "/api/v1/account": "Tài khoản của mình",
    "/api/v1/account/password": "Đổi mật khẩu",
    "/api/v1/account/factor": "Bắt đầu xác thực hai lớp",
    "/api/v1/account/factor/confirm": "Xác nhận xác thực hai lớp",
    "/api/v1/account/factor/remove": "Bỏ xác thực hai lớp",
    "/api/v1/account/recovery-codes": "Tạo mã khôi phục mới",
    "/api/v1/account/sessions": "Các phiên của mình",
    "/api/v1/account/sessions/{id}": "Một phiên của mình",
    "/api/v1/account/tokens": "Các mã truy cập của mình",
    "/api/v1/account/tokens/{id}": "Một mã truy cập của mình",
    "/api/v1/people": "Các tài khoản",
    "/api/v1/people/{login}": "Một tài khoản",
    "/api/v1/people/{login}/invite": "Liên kết đặt mật khẩu dùng một lần",
    "/api/v1/people/{login}/factor": "Xác thực hai lớp của một tài khoản",
    "/api/v1/people/{login}/sessions": "Các phiên của một tài khoản",
    "/api/v1/people/{login}/sessions/{id}": "Một phiên của một tài khoản",
    "/api/v1/people/{login}/tokens": "Các mã truy cập của một tài khoản",
    "/api/v1/people/{login}/tokens/{id}": "Một mã truy cập của một tài khoản",
}

_SECRET = (
    models_people.NewFactor,
    models_people.RecoveryCodes,
    models_people.NewToken,
    models_people.Invite,
    models_people.NewPerson,
)
_CREATED = (models_people.NewFactor, models_people.NewToken, models_people.Invite, models_people.NewPerson)

_PROBLEMS = (
    "beyond-token",
    "code-wrong",
    "factor-missing",
    "factor-there",
    "foreign-origin",
    "link-over",
    "login-taken",
    "not-allowed",
    "not-found",
    "not-yourself",
    "password-common",
    "password-long",
    "password-named",
    "password-short",
    "proof-wrong",
    "session-needed",
    "too-many-tries",
)


def _person(method: str, path: str, en: str, body: Any, answer: Any) -> Operation:
    administers = path.startswith("/api/v1/people")
    status = 204 if answer is None else 201 if answer in _CREATED else 200
    return Operation(
        method=method.upper(),
        path=path,
        vi=_VI[path],
        en=en,
        may=May("manage" if method != "get" else "see", "account") if administers else None,
        public=path == "/api/v1/invite",
        body=body,
        answers={status: answer},
        problems=_PROBLEMS,
        secret=answer in _SECRET,
    )


def _audit() -> tuple[Operation, ...]:
    see, export = May("see", "audit"), May("export", "audit")
    span = {"from": str, "to": str}
    words = dict.fromkeys(("who", "act", "kind", "thing", "outcome", "after", "limit"), str)
    base = "/api/v1/audit"
    return (
        Operation(
            method="GET", path=base, vi="Tìm trong nhật ký kiểm toán", en="Search the audit trail", may=see,
            query={**words, **span}, answers={200: models_audit.AuditPage}, problems=("not-allowed",),
        ),
        Operation(
            method="GET", path=f"{base}/export", vi="Xuất nhật ký kiểm toán",
            en="Export the audit trail with its seals", may=export, query=span,
            answers={200: Answer("application/x-ndjson")}, problems=("not-allowed",),
            endless=True,
        ),
        Operation(
            method="POST", path=f"{base}/verify", vi="Kiểm tra chuỗi niêm phong", en="Verify the chain", may=see,
            answers={200: models_audit.Verification}, problems=("not-allowed",),
        ),
        Operation(
            method="POST", path=f"{base}/soc-test", vi="Thử liên kết với trung tâm an ninh",
            en="Try the link to the security centre", may=see, answers={200: models_audit.SocTest},
            problems=("not-allowed",),
        ),
    )  # fmt: skip


def _labels() -> Operation:
    return Operation(
        method="GET", path="/api/v1/areas/labels", vi="Tên các đơn vị hành chính của một ngày (mặc định: hôm nay)",
        en="Names of the administrative units of a day (today's by default), one point each", query={"day": dt.date},
        answers={200: Answer("application/geo+json")}, cost="cheap",
    )  # fmt: skip


def routes(app: web.Application) -> None:
    """Describe them to an application."""
    others = [route for route in models_people.ROUTES if route[1] != "/api/v1/session"]
    describe(app, *(_person(*route) for route in others), *_audit(), _labels())
