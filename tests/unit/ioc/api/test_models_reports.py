"""What the routes about reports and notices take."""

import msgspec
import pytest

from ioc.api.models_reports import NewNotice, NewReport, Reporter

REPORT = {"channel": "1022", "position": [108.1, 15.6], "text": "ngập"}
NOTICE = {"sender": "a@b.vn", "identifier": "1", "sent": "2026-11-25T07:00:00+07:00", "headline": "Lũ"}


def test_the_least_that_is_a_report_and_a_notice() -> None:
    assert msgspec.convert(REPORT, NewReport).photos == ()
    assert msgspec.convert(NOTICE, NewNotice).status == "actual"


@pytest.mark.parametrize(
    "changed",
    [{"position": [181, 0]}, {"position": [0, 91]}, {"position": [1]}, {"text": "x" * 4_001}, {"severity": "bad"},
     {"at": "2026-11-25T07:00:00"}, {"photos": ["AAAA"] * 5}, {"error_m": -1}, {"channel": "Zalo"}, {"odd": 1}],
)  # fmt: skip
def test_what_is_no_report(changed: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(REPORT | changed), type=NewReport)


@pytest.mark.parametrize(
    "changed",
    [{"sender": "a b"}, {"identifier": "a,b"}, {"headline": ""}, {"kind": "Alert"}, {"area_codes": ["x"]},
     {"radius_m": -1}, {"polygon": [[1, 2, 3]]}, {"references": [{"sender": "a"}]}, {"odd": 1}],
)  # fmt: skip
def test_what_is_no_notice(changed: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(NOTICE | changed), type=NewNotice)


def test_who_told_it_is_not_printed() -> None:
    assert "Bí Mật" not in repr(Reporter(name="Bí Mật", phone="0905"))
