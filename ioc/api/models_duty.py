"""What the routes about units, teams and duty rosters take and answer."""

import datetime as dt
import uuid
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Code = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Login = Annotated[str, Meta(min_length=1, max_length=200)]
Moment = Annotated[dt.datetime, Meta(tz=True)]
Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Title = Annotated[str, Meta(min_length=1, max_length=200)]
Note = Annotated[str, Meta(max_length=500)]


class PersonOf(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody by login and name."""

    login: str
    name: str


class UnitOf(msgspec.Struct, frozen=True, kw_only=True):
    """A unit of the policy in force. `up` is the unit above, empty at the top. `open` and `late` count its tickets that
    the reader sees. `mine`: its teams and rosters are the reader's to see. `on_duty` is who is told of its work at this
    moment, null unless asked for or where it is not the reader's to see."""

    code: str
    name: str
    name_en: str
    centre: str
    up: str
    open: int
    late: int
    mine: bool
    on_duty: list[PersonOf] | None = None


class UnitsOf(msgspec.Struct, frozen=True, kw_only=True):
    """All units in the policy's order."""

    units: list[UnitOf]


class PeopleOf(msgspec.Struct, frozen=True, kw_only=True):
    """Who may work on a unit's tickets, by name; and who is told of them now: by the roster (duty), as members of its
    teams, or because nobody was named (instead)."""

    unit: str
    people: list[PersonOf]
    on_duty: list[PersonOf]
    by: Literal["duty", "team", "instead"]


class NewTeam(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A team of a unit; `members` are logins of accounts that may work on the unit's tickets."""

    unit: Code
    code: Code
    name: Title
    members: Annotated[list[Login], Meta(max_length=200)] = []


class ChangedTeam(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a team is called and who is in it from now on."""

    expected_version: Number
    name: Title
    members: Annotated[list[Login], Meta(max_length=200)]


class TeamOf(msgspec.Struct, frozen=True, kw_only=True):
    """A team with its members by name; one whose account is gone or disabled has no name and is not told."""

    unit: str
    unit_name: str
    code: str
    centre: str
    name: str
    members: list[PersonOf]
    version: int
    updated_at: dt.datetime


class TeamsOf(msgspec.Struct, frozen=True, kw_only=True):
    """Teams by unit and code."""

    teams: list[TeamOf]


class NewDuty(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"starts": "from"}):
    """A time on duty of a person (`login`), or of all members of a team where `login` is empty. `until` is the first
    moment after it, at most 31 days after `from`. `weeks`: in so many weeks, at the same local time of each."""

    starts: Moment
    until: Moment
    login: Annotated[str, Meta(max_length=200)] = ""
    team: Annotated[str, Meta(max_length=64, pattern=r"^([a-z0-9][a-z0-9-]*)?$")] = ""
    note: Note = ""
    weeks: Annotated[int, Meta(ge=1, le=53)] = 1


class NewDuties(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Times on duty of one unit; they may overlap each other and those that are there."""

    unit: Code
    duties: Annotated[list[NewDuty], Meta(min_length=1, max_length=200)]


class DutyOf(msgspec.Struct, frozen=True, kw_only=True, rename={"starts": "from"}):
    """A time on duty. `name` is the person's, or the team's where all of it is on duty; empty: gone. What was laid out
    by one call has one `series`."""

    id: uuid.UUID
    series: uuid.UUID
    unit: str
    unit_name: str
    team: str
    login: str
    name: str
    centre: str
    starts: dt.datetime
    until: dt.datetime
    note: str
    created_by: str
    created_at: dt.datetime


class DutiesOf(msgspec.Struct, frozen=True, kw_only=True):
    """Times on duty by their beginning; `whole`: there are no more in the span than these."""

    duties: list[DutyOf]
    whole: bool


class LaidOut(msgspec.Struct, frozen=True, kw_only=True):
    """The series that was laid out, and how many times on duty it has."""

    series: uuid.UUID
    duties: list[DutyOf]


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """How many times on duty were removed."""

    removed: int
