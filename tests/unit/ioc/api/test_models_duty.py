"""What the routes about units, teams and rosters take."""

import msgspec
import pytest

from ioc.api.models_duty import DutyOf, NewDuties, NewTeam

SPAN = '"from": "2026-03-04T00:00:00Z", "until": "2026-03-04T08:00:00+07:00"'


def test_a_time_on_duty_is_of_one_week_unless_more_are_said() -> None:
    made = msgspec.json.decode(f'{{"unit": "hoi-an", "duties": [{{{SPAN}, "login": "an"}}]}}', type=NewDuties)
    [one] = made.duties
    assert (one.login, one.team, one.note, one.weeks) == ("an", "", "", 1)
    assert one.until.utcoffset() is not None


@pytest.mark.parametrize(
    "text",
    [
        '{"unit": "hoi-an", "duties": []}',
        '{"unit": "Hội An", "duties": [{%s}]}' % SPAN,  # noqa: UP031
        '{"unit": "hoi-an", "duties": [{"from": "2026-03-04T00:00:00", "until": "2026-03-04T08:00:00Z"}]}',
        '{"unit": "hoi-an", "duties": [{%s, "weeks": 54}]}' % SPAN,  # noqa: UP031
        '{"unit": "hoi-an", "duties": [{%s, "team": "Ca 1"}]}' % SPAN,  # noqa: UP031
        '{"unit": "hoi-an", "duties": [{"starts": "2026-03-04T00:00:00Z", "until": "2026-03-04T08:00:00Z"}]}',
    ],
)
def test_what_is_no_roster_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=NewDuties)


@pytest.mark.parametrize("code", ["", "-a", "Ca", "a b", "a" * 65])
def test_the_code_of_a_team_is_a_plain_word(code: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"unit": "hoi-an", "code": code, "name": "Ca"}, NewTeam)


def test_a_time_on_duty_begins_with_from_on_the_wire() -> None:
    assert "from" in DutyOf.__struct_encode_fields__
    assert "starts" not in DutyOf.__struct_encode_fields__
