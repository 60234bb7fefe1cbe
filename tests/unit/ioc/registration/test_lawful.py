"""What the law asks for, as it is shipped and as a deployment has it."""

import datetime as dt

import msgspec
import pytest

from ioc import data
from ioc.registration.lawful import FIELDS, Law, blocking, law_of, laws, unlawful
from ioc.registration.record import Record
from tests.unit.ioc.registration.test_record import CAMERA, DEVICE

SHIPPED = law_of(data.register())
DAY = dt.date(2026, 1, 1)


def test_every_field_is_one_of_the_record() -> None:
    assert set(FIELDS) <= set(Record.__struct_fields__)


def test_a_camera_needs_all_of_it_before_it_is_active() -> None:
    assert unlawful(CAMERA, SHIPPED) == FIELDS
    assert blocking(CAMERA, SHIPPED) == FIELDS
    some = msgspec.structs.replace(CAMERA, conformity="QCVN 135 - 12/2026", notice_posted_on=DAY, purpose="traffic")
    assert blocking(some, SHIPPED) == ("password_changed_on", "retention")
    whole = msgspec.structs.replace(some, password_changed_on=DAY, retention="sighting")
    assert unlawful(whole, SHIPPED) == ()


def test_a_device_on_the_network_is_listed_and_not_kept_from_working() -> None:
    assert unlawful(DEVICE, SHIPPED) == ("password_changed_on",)
    assert blocking(DEVICE, SHIPPED) == ()
    behind = msgspec.structs.replace(DEVICE, gateway="lns")
    assert unlawful(behind, SHIPPED) == ()


def test_what_is_retired_owes_nothing() -> None:
    assert unlawful(msgspec.structs.replace(CAMERA, lifecycle="retired"), SHIPPED) == ()


def test_the_law_is_named() -> None:
    assert laws(("purpose", "notice_posted_on"), CAMERA, SHIPPED) == "Luật 91/2025/QH15, Điều 32"
    assert laws((), CAMERA, SHIPPED) == ""


def test_kinds_narrow_what_is_asked() -> None:
    law = law_of({"asked": [{"field": "purpose", "of": ["camera"], "kinds": ["indoor"], "law": "x"}]})
    assert unlawful(CAMERA, law) == ()
    assert unlawful(msgspec.structs.replace(CAMERA, kind="indoor"), law) == ("purpose",)
    assert unlawful(CAMERA, Law()) == ()


@pytest.mark.parametrize(
    "table",
    [
        {"asked": [{"field": "colour", "of": ["camera"], "law": "x"}]},
        {"asked": [{"field": "purpose", "of": ["gateway"], "law": "x"}]},
        {"asked": [{"field": "purpose", "of": ["camera"]}]},
        {"wanted": []},
    ],
)
def test_a_policy_that_cannot_be_used_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        law_of(table)
