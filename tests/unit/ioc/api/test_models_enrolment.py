import msgspec

from ioc.api.models_enrolment import CodeOf, Enrol, EnrolmentOf
from ioc.registration.enrolment import Code, Enrolment, Said


def test_no_answer_about_codes_and_those_who_wait_holds_a_secret() -> None:
    assert set(CodeOf.__struct_fields__) == set(Code.__struct_fields__)
    assert set(EnrolmentOf.__struct_fields__) <= set(Enrolment.__struct_fields__)
    assert not {"code", "ticket", "key"} & {*CodeOf.__struct_fields__, *EnrolmentOf.__struct_fields__}


def test_a_device_says_of_itself_what_is_kept_of_it() -> None:
    assert set(Enrol.__struct_fields__) - {"code"} == set(Said.__struct_fields__)
    assert msgspec.json.decode(b'{"code": "x", "position": [108.3, 15.9]}', type=Enrol).position == (108.3, 15.9)
