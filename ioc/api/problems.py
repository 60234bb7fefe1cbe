"""Errors as people and programs read them (RFC 9457), in Vietnamese and English, from one table."""

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web

from ioc.api import (
    problems_cap,
    problems_endpoints,
    problems_enrolment,
    problems_imports,
    problems_keys,
    problems_layouts,
    problems_past,
    problems_probe,
    problems_register,
    problems_tell,
    problems_tickets,
    problems_uploads,
)
from ioc.api.problems_duty import DUTY

TABLE: Mapping[str, tuple[int, str, str]] = {
    **problems_endpoints.TABLE,
    **problems_enrolment.TABLE,
    **problems_keys.TABLE,
    **problems_imports.TABLE,
    **problems_tell.TABLE,
    **problems_cap.TABLE,
    **problems_layouts.TABLE,
    **problems_past.TABLE,
    **problems_register.TABLE,
    **problems_probe.TABLE,
    **problems_tickets.TABLE,
    **problems_uploads.TABLE,
    "bad-request": (400, "Yêu cầu không đọc được.", "The request cannot be read."),
    "bad-json": (400, "Nội dung phải là một đối tượng JSON.", "The body must be a JSON object."),
    "unknown-parameter": (
        400,
        "Không có tham số “{name}” ở đây.",
        "There is no parameter “{name}” here.",
    ),
    "repeated-parameter": (
        400,
        "Tham số “{name}” chỉ được ghi một lần.",
        "The parameter “{name}” may be given once only.",
    ),
    "bad-value": (400, "Giá trị của “{name}” không hợp lệ: {why}.", "The value of “{name}” is wrong: {why}."),
    "missing-member": (400, "Nội dung thiếu “{name}”.", "The body lacks “{name}”."),
    "unknown-member": (400, "Nội dung không được có “{name}”.", "The body may not have “{name}”."),
    "bad-key": (
        400,
        "Idempotency-Key phải có 1–200 ký tự ASCII nhìn thấy được.",
        "Idempotency-Key must have 1 to 200 visible ASCII characters.",
    ),
    "sign-in-needed": (401, "Cần đăng nhập.", "Sign in first."),
    "sign-in-failed": (
        401,
        "Tên đăng nhập hoặc mật khẩu không đúng.",
        "The user name or the password is wrong.",
    ),
    "foreign-origin": (
        403,
        "Yêu cầu thay đổi phải đến từ trang của chính máy chủ này.",
        "A request that changes something must come from a page of this server.",
    ),
    "not-allowed": (
        403,
        "Vai trò của bạn không được làm việc này.",
        "Your role may not do this.",
    ),
    "not-found": (404, "Không tìm thấy.", "Not found."),
    "wrong-method": (
        405,
        "Địa chỉ này không nhận phương thức.",
        "This address takes other methods.",
    ),
    "not-acceptable": (
        406,
        "Địa chỉ này chỉ trả lời bằng: {possible}.",
        "This address answers in: {possible}.",
    ),
    "stale-version": (
        409,
        "Sự cố đã thay đổi; hãy xem trạng thái hiện tại rồi thử lại.",
        "The incident has changed; look at its current state and try again.",
    ),
    "wrong-state": (
        409,
        "Ở trạng thái hiện tại, sự cố không nhận bước này.",
        "The incident does not take this step in its current state.",
    ),
    "why-needed": (422, "Bước này cần có lý do.", "This step needs a reason."),
    "no-change": (409, "Bước này không thay đổi gì.", "This step would change nothing."),
    "not-undoable": (409, "Không hoàn tác được nữa.", "It cannot be undone any more."),
    "stale-checklist": (
        409,
        "Quy trình này vừa được sửa; hãy xem bản hiện tại rồi thử lại.",
        "This procedure has changed; look at its current version and try again.",
    ),
    "not-waiting": (
        409,
        "Cảnh báo này không còn chờ ghép; đã có người quyết định.",
        "This alarm does not wait any more; somebody has decided.",
    ),
    "photos-not-kept": (
        503,
        "Hiện không lưu được ảnh nên ý kiến chưa được ghi; hãy gửi lại không kèm ảnh, hoặc thử lại sau.",
        "Photographs cannot be kept at the moment, so nothing was entered; send it without them, or try again later.",
    ),
    "no-assignee": (
        422,
        "Không giao được cho “{login}”: tài khoản không có, bị khóa hoặc không được xử lý sự cố ở đây.",
        "It cannot be given to “{login}”: there is no such account, or it may not work on incidents here.",
    ),
    "withdrawn": (409, "Phản ánh này đã được rút lại.", "This report has been withdrawn already."),
    "not-given-up": (
        409,
        "Kết quả này chưa thôi gửi; không cần gửi lại.",
        "This update has not been given up; it need not be sent again.",
    ),
    "number-taken": (
        409,
        "Số này của kênh đã thuộc về một phản ánh mà bạn không được xem.",
        "This number of the channel belongs to a report that you may not see.",
    ),
    "place-elsewhere": (
        422,
        "Vị trí này nằm ngoài địa bàn của trung tâm; hãy kiểm tra thứ tự kinh độ, vĩ độ.",
        "This place lies outside the area of this centre; check the order of longitude and latitude.",
    ),
    "place-beyond": (
        403,
        "Vị trí này thuộc trung tâm khác hoặc khu vực khác mà bạn không phụ trách.",
        "This place belongs to another centre or area, which is not yours.",
    ),
    "time-not-believed": (
        422,
        "Thời điểm này ở tương lai hoặc đã quá một năm; hãy kiểm tra đồng hồ và múi giờ.",
        "This time lies ahead, or more than a year back; check the clock and the zone.",
    ),
    "photo-refused": (
        422,
        "Ảnh thứ {number} không dùng được ({why}); chỉ nhận ảnh JPEG, PNG hoặc WebP dưới 8 MB và 64 megapixel.",
        "Photograph {number} cannot be used ({why}); send a JPEG, PNG or WebP of less than 8 MB and 64 megapixels.",
    ),
    "stale-rule": (
        409,
        "Quy tắc đã có phiên bản mới hơn; hãy xem phiên bản hiện tại rồi thử lại.",
        "The rule has a newer version; look at it and try again.",
    ),
    "rule-wrong": (
        422,
        "Quy tắc không dùng được: {why}.",
        "The rule cannot be used: {why}.",
    ),
    "rule-taken": (409, "Đã có quy tắc mang mã này trong gói.", "The pack has a rule of this code already."),
    "pack-shipped": (
        409,
        "Gói này đi kèm chương trình; hãy đặt quy tắc riêng vào một gói khác.",
        "This pack comes with the program; put rules of your own into another pack.",
    ),
    "not-shipped": (
        409,
        "Quy tắc này không thuộc gói nào đi kèm chương trình.",
        "This rule belongs to no pack that comes with the program.",
    ),
    "test-running": (
        409,
        "Một phép thử quy tắc khác đang chạy; hãy thử lại sau ít giây.",
        "Another test of a rule is running; try again in some seconds.",
    ),
    "letter-cut": (
        409,
        "Chỉ giữ được phần đầu của bản tin này nên không xử lý lại được; hãy để nguồn gửi lại.",
        "Only the beginning of this message was kept, so it cannot be replayed; let its source send it again.",
    ),
    "media-changed": (
        409,
        "Tệp bằng chứng này không còn đúng như lúc ghi, nên không được đưa ra; hãy báo người quản trị.",
        "This file of evidence is not as it was written, so it is not given out; tell the administrator.",
    ),
    "unknown-name": (
        400,
        "“{name}” nêu thứ không có hoặc bạn không được xem: mục thứ {places}.",
        "“{name}” names what is not there or what you may not see: entry {places}.",
    ),
    "silence-over": (409, "Lần tạm tắt này đã kết thúc.", "This silence is over."),
    "silence-place": (
        403,
        "Bạn chỉ được tạm tắt cảnh báo trong phạm vi của mình; hãy ghi rõ một trung tâm hoặc một địa bàn.",
        "You may silence alarms only in your own centre and areas; name one centre or one area.",
    ),
    "not-held": (409, "Không có ai đang lưu giữ tệp này.", "Nobody holds this file."),
    "in-progress": (
        409,
        "Yêu cầu cùng Idempotency-Key đang được thực hiện; hãy thử lại sau giây lát.",
        "A request with the same Idempotency-Key is being carried out; try again in a moment.",
    ),
    "answer-not-kept": (
        409,
        "Yêu cầu này đã được thực hiện; câu trả lời của nó không được lưu.",
        "This request has been carried out already; its answer was not kept.",
    ),
    "too-large": (413, "Nội dung quá lớn.", "The body is too large."),
    "unsupported-media": (415, "Nội dung phải là application/json.", "The body must be application/json."),
    "other-request": (
        422,
        "Idempotency-Key này đã được dùng cho một yêu cầu khác.",
        "This Idempotency-Key has been used for another request.",
    ),
    "too-many-requests": (
        429,
        "Quá nhiều yêu cầu; hãy đợi {seconds} giây.",
        "Too many requests; wait {seconds} seconds.",
    ),
    "headers-too-large": (431, "Các trường đầu của yêu cầu quá lớn.", "The header fields are too large."),
    "too-many-tries": (
        429,
        "Quá nhiều lần thử; hãy đợi {seconds} giây.",
        "Too many tries; wait {seconds} seconds.",
    ),
    "internal": (
        500,
        "Lỗi trong hệ thống; lỗi đã được ghi lại.",
        "Something failed inside; it has been written to the log.",
    ),
    "away": (
        503,
        "Cơ sở dữ liệu tạm thời không trả lời; hãy thử lại sau vài giây.",
        "The database does not answer at the moment; try again in a few seconds.",
    ),
    "too-slow": (
        503,
        "Yêu cầu mất quá nhiều thời gian; hãy thử lại sau vài giây.",
        "The request took too long; try again in a few seconds.",
    ),
    "wall-not-built": (
        503,
        "Trang màn hình chưa được dựng; hãy chạy ./run một lần nữa.",
        "The wall has not been built; run ./run once more.",
    ),
    "cameras-away": (
        503,
        "Bộ phận camera tạm thời không trả lời; hãy thử lại sau vài giây.",
        "The cameras' process does not answer at the moment; try again in a few seconds.",
    ),
    "not-live": (
        503,
        "Camera này hiện không gửi hình; hãy thử lại sau vài giây.",
        "This camera sends no picture at the moment; try again in a few seconds.",
    ),
    "stills-only": (
        409,
        "Hiện chỉ xem được ảnh tĩnh của camera này; hãy dùng địa chỉ …/stills.",
        "Of this camera only still pictures can be shown at the moment; use the address …/stills.",
    ),
    "no-picture": (404, "Camera này chưa có hình.", "This camera has no picture yet."),
    "code-needed": (
        401,
        "Tài khoản này cần thêm mã xác thực.",
        "This account also needs a code of its second factor.",
    ),
    "code-wrong": (401, "Mã xác thực không đúng hoặc đã dùng.", "The code is wrong or was used before."),
    "proof-wrong": (
        403,
        "Mật khẩu hoặc mã xác thực không đúng.",
        "The password or the code is wrong.",
    ),
    "session-needed": (
        403,
        "Việc này cần đăng nhập bằng trình duyệt, không dùng mã truy cập của chương trình.",
        "This needs a person who has signed in, not a program's token.",
    ),
    "beyond-token": (
        403,
        "Mã truy cập này không được làm việc này.",
        "This token may not do this.",
    ),
    "password-short": (422, "Mật khẩu cần ít nhất 12 ký tự.", "A password needs at least 12 characters."),
    "password-long": (422, "Mật khẩu quá dài.", "The password is too long."),
    "password-named": (
        422,
        "Mật khẩu không được chứa tên tài khoản.",
        "A password must not hold the account's name.",
    ),
    "password-common": (
        422,
        "Mật khẩu này nằm trong số dễ đoán nhất; hãy chọn một câu dài.",
        "This password is among those guessed first; choose a long phrase.",
    ),
    "link-over": (
        410,
        "Liên kết này đã dùng hoặc đã hết hạn; hãy xin liên kết mới.",
        "This link has been used or is over; ask for a new one.",
    ),
    "login-taken": (409, "Tên đăng nhập này đã có.", "This login is taken."),
    "factor-there": (409, "Xác thực hai bước đã được bật.", "A second factor is there already."),
    "factor-missing": (409, "Chưa có xác thực hai bước.", "There is no second factor."),
    "not-yourself": (
        409,
        "Không ai tự đổi quyền hoặc tự khóa tài khoản của mình.",
        "Nobody changes their own rights or disables their own account.",
    ),
    **DUTY,
}
"""code -> status, what it says in Vietnamese, in English."""

_OF_STATUS = {
    400: "bad-request",
    401: "sign-in-needed",
    403: "not-allowed",
    404: "not-found",
    405: "wrong-method",
    413: "too-large",
    415: "unsupported-media",
    431: "headers-too-large",
}


class ProblemError(Exception):
    """A request that cannot be answered: a code of TABLE, the values in its sentence, members of its body.

    A value that is a pair is said in Vietnamese by its first part and in English by its second.
    """

    def __init__(self, code: str, *, headers: Mapping[str, str] | None = None, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.headers = dict(headers or {})
        self.values = values
        self.members: dict[str, Any] = {}
        self.detail: tuple[str, str] | None = None

    def title(self, language: str) -> str:
        """Its sentence in `vi` or `en`."""
        english = language == "en"
        values = {name: one[english] if isinstance(one, tuple) else one for name, one in self.values.items()}
        _, vi, en = TABLE[self.code]
        return (en if english else vi).format_map(values)

    def because(self, vi: str, en: str) -> "ProblemError":
        """The same problem with what is special to this occurrence (RFC 9457, 3.1.4), in Vietnamese and English."""
        self.detail = (vi, en)
        return self

    def carrying(self, **members: Any) -> "ProblemError":
        """The same problem with more members in its body."""
        self.members |= members
        return self


def language_of(accept: str, default: str) -> str:
    """`vi` or `en`, whichever an Accept-Language header prefers (RFC 9110, 12.5.4)."""
    best, weight = default, 0.0
    for part in accept[:200].split(","):
        tag, _, quality = part.strip().partition(";")
        try:
            wanted = float(quality.strip().removeprefix("q=")) if quality else 1.0
        except ValueError:
            continue
        word = tag.split("-")[0].lower()
        if word in ("vi", "en") and wanted > weight:
            best, weight = word, wanted
    return best


def code_of_status(status: int) -> str:
    """The code of an error that aiohttp raised by itself."""
    return _OF_STATUS.get(status, "bad-request" if status < 500 else "internal")


def answer(problem: ProblemError, language: str) -> web.Response:
    """The problem as application/problem+json."""
    status = TABLE[problem.code][0]
    body = {
        "type": f"urn:ioc:problem:{problem.code}",
        "code": problem.code,
        "title": problem.title(language),
        "status": status,
        **({} if problem.detail is None else {"detail": problem.detail[language == "en"]}),
        **problem.members,
    }
    return web.Response(
        status=status,
        body=orjson.dumps(body),
        content_type="application/problem+json",
        headers={
            "Content-Language": language,
            "Cache-Control": "no-store",
            "Vary": "Accept-Language",
            **problem.headers,
        },
    )
