"""Errors of CAP messages as people and programs read them: a part of the table of problems."""

from collections.abc import Mapping

TABLE: Mapping[str, tuple[int, str, str]] = {
    "cap-not_xml": (422, "Bản tin CAP không phải là XML đọc được.", "The CAP message is no XML that can be read."),
    "cap-doctype": (
        422,
        "Bản tin CAP có khai báo DOCTYPE, điều không bao giờ được chấp nhận.",
        "The CAP message declares a document type, which is never read.",
    ),
    "cap-large": (
        422,
        "Bản tin CAP lớn hoặc lồng sâu quá mức cho phép.",
        "The CAP message is larger, or nested deeper, than it may be.",
    ),
    "cap-not_cap": (
        422,
        "Tài liệu này không phải là một bản tin CAP 1.0, 1.1 hoặc 1.2.",
        "This document is no alert of CAP 1.0, 1.1 or 1.2.",
    ),
    "cap-missing": (
        422,
        "Bản tin CAP thiếu phần tử bắt buộc <{name}>.",
        "The CAP message lacks <{name}>, which CAP requires.",
    ),
    "cap-repeated": (
        422,
        "Bản tin CAP có nhiều hơn một phần tử <{name}>.",
        "The CAP message has <{name}> more than once.",
    ),
    "cap-wrong": (
        422,
        "Phần tử <{name}> của bản tin CAP không dùng được; CAP yêu cầu: {why}.",
        "The <{name}> of the CAP message cannot be used; CAP wants {why}.",
    ),
}
"""code -> status, what it says in Vietnamese, in English."""
