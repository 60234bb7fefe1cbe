"""Errors about arrangements of the wall as people and programs read them: a part of the table of problems."""

from collections.abc import Mapping

TABLE: Mapping[str, tuple[int, str, str]] = {
    "stale-layout": (
        409,
        "Bố cục của bạn vừa được lưu ở nơi khác; hãy tải lại rồi lưu lần nữa.",
        "Your layouts were saved elsewhere in the meantime; read them again, then save once more.",
    ),
}
