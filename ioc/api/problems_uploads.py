"""Errors about uploads as people and programs read them: a part of the table of problems."""

from collections.abc import Mapping

TABLE: Mapping[str, tuple[int, str, str]] = {
    "tus-version": (
        412,
        "Chỉ nhận tải lên theo giao thức tus 1.0.0 (Tus-Resumable).",
        "Uploads are taken by the protocol tus 1.0.0 only (Tus-Resumable).",
    ),
    "upload-offset": (
        409,
        "Ảnh này đã nhận được {offset} byte; hãy tải tiếp từ đó.",
        "{offset} bytes of this photograph have come; go on from there.",
    ),
    "checksum-mismatch": (
        460,
        "Phần ảnh này đến nơi đã bị sai; hãy gửi lại phần đó.",
        "This piece of the photograph came damaged; send it again.",
    ),
    "too-many-uploads": (
        409,
        "Đang có quá nhiều ảnh chờ ({most}); hãy gửi các bước kèm ảnh trước, hoặc bỏ bớt ảnh.",
        "Too many photographs wait already ({most}); send the steps they belong to first, or give some up.",
    ),
    "upload-taken": (
        409,
        "Ảnh này đã thuộc về một bước và không bỏ được nữa.",
        "This photograph belongs to a step already and cannot be given up.",
    ),
}
"""code -> status, what it says in Vietnamese, in English."""
