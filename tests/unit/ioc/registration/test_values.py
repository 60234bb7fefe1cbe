"""What cells say, field by field."""

import datetime as dt
from typing import Any

import pytest

from ioc.registration import values
from ioc.registration.values import ValueFault


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31/12/2028", (2028, 12, 31)), ("1/2/2026", (2026, 2, 1)), ("1.2.26", (2026, 2, 1)),
        ("01-02-2026", (2026, 2, 1)), ("2026-02-01", (2026, 2, 1)), ("2026-02-01 00:00:00", (2026, 2, 1)),
        ("31/12/2028 07:30", (2028, 12, 31)), ("2026-02-01T08:00:00+07:00", (2026, 2, 1)),
    ],
)  # fmt: skip
def test_days_as_in_viet_nam_and_iso(text: str, day: tuple[int, int, int]) -> None:
    assert values.day(text) == dt.date(*day)


@pytest.mark.parametrize(
    ("text", "offer"),
    [
        ("12/31/2028", "31/12/2028"),
        ("31/02/2026", ""),
        ("46022", ""),
        ("mai", ""),
        ("1/1/1900", ""),
        ("32/13/2026", ""),
    ],
)
def test_what_is_no_day_is_named_and_the_american_order_offered(text: str, offer: str) -> None:
    with pytest.raises(ValueFault) as raised:
        values.day(text)
    assert raised.value.offer == offer


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("31/02/2026", "Không có ngày 31/02/2026: tháng 2 năm 2026 chỉ có 28 ngày."),
        ("30.2.24", "Không có ngày 30/02/2024: tháng 2 năm 2024 chỉ có 29 ngày."),
        ("2026-04-31", "Không có ngày 31/04/2026: tháng 4 năm 2026 chỉ có 30 ngày."),
        ("0/2/2026", "Ngày phải ghi như 31/12/2026 hoặc 2026-12-31."),
        ("0000-02-31", "Ngày phải ghi như 31/12/2026 hoặc 2026-12-31."),
    ],
)
def test_a_day_that_its_month_does_not_have_is_called_that(text: str, said: str) -> None:
    with pytest.raises(ValueFault) as raised:
        values.day(text)
    assert raised.value.words.vi == said


@pytest.mark.parametrize(
    ("text", "code"), [("Trạm số 1", "tram-so-1"), ("Đo mưa_01", "do-mua-01"), ("---", ""), ("a", "")]
)
def test_a_code_that_could_be_meant_is_named(text: str, code: str) -> None:
    with pytest.raises(ValueFault) as raised:
        values.code(text)
    assert raised.value.offer == code
    assert values.code("CAM-01") == "cam-01"


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        (values.yes, "Có", True), (values.yes, "không", False), (values.yes, "x", True),
        (values.state, "Nháp", "draft"),
        (values.state, "ĐANG HOẠT ĐỘNG", "active"), (values.state, "Retired", "retired"), (values.bearing, "360", 0.0),
        (values.bearing, "12,5°", 12.5), (values.opening, "70", 70.0), (values.within(0, 500), "6 m", 6.0),
        (values.tags, " lũ, hạ du;lũ\n", ("lũ", "hạ du")), (values.word, "Rain-Gauge", "rain-gauge"),
        (values.line(3), "abc", "abc"),
        (values.one_of({"hoi-an": ("Hội An",)}, "trung tâm", "centre"), "HOI AN", "hoi-an"),
        (values.kind({"rain": ("Trạm mưa",)}), "trạm mưa", "rain"), (values.kind({}), "mine", "mine"),
    ],
)  # fmt: skip
def test_what_is_understood(reader: values.Reader, text: str, value: Any) -> None:
    assert reader(text) == value


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (values.yes, "chắc"), (values.state, "hỏng"), (values.bearing, "361"), (values.opening, "0"),
        (values.within(0, 500), "cao"), (values.within(0, 1, open_end=True), "1"), (values.tags, "x" * 65),
        (values.tags, ",".join(map(str, range(51)))), (values.word, "Trạm mưa"), (values.line(3), "abcd"),
        (values.kind({}), "Trạm mưa"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_said_in_both_languages(reader: values.Reader, text: str) -> None:
    with pytest.raises(ValueFault) as raised:
        reader(text)
    assert raised.value.words.vi != raised.value.words.en


def test_a_name_that_is_nearly_known_is_offered() -> None:
    with pytest.raises(ValueFault) as raised:
        values.one_of({"rain-station": ("Trạm đo mưa",)}, "mẫu", "profile")("Tram do mua 1")
    assert raised.value.offer == "rain-station"
