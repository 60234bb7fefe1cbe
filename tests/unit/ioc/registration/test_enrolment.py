import datetime as dt
import uuid
from typing import Any

import msgspec
import pytest

from ioc.registration.enrolment import COLLECT_AGAIN, Enrolment, Said

T0 = dt.datetime(2026, 11, 26, 8, tzinfo=dt.UTC)


def enrolment(**more: Any) -> Enrolment:
    plain: dict[str, Any] = {
        "id": uuid.uuid4(), "subject": "device", "centre": "hoi-an", "kind": "river-gauge", "profile": "river-gauge",
        "state": "waiting", "said": Said(serial="7"), "address": "10.0.0.7", "arrived_at": T0, "decided_at": None,
        "decided_by": "", "reason": "", "thing": "", "collected_at": None,
    }  # fmt: skip
    return Enrolment(**plain | more)


def test_a_key_is_given_to_who_was_approved_and_again_for_ten_minutes_only() -> None:
    assert not enrolment().collectable(T0)
    assert not enrolment(state="refused").collectable(T0)
    assert enrolment(state="approved").collectable(T0)
    had = enrolment(state="collected", collected_at=T0)
    assert had.collectable(T0 + COLLECT_AGAIN)
    assert not had.collectable(T0 + COLLECT_AGAIN + dt.timedelta(seconds=1))


@pytest.mark.parametrize("wrong", [{"position": [200, 0]}, {"serial": "x" * 300}, {"key": "k"}])
def test_what_a_device_may_say_of_itself_is_bounded(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Said)
