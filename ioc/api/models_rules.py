"""What the routes about rules take and answer."""

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec

Version = Annotated[int, msgspec.Meta(ge=1, lt=1 << 31)]
Reason = Annotated[str, msgspec.Meta(min_length=3, max_length=500)]
Severity = Literal["minor", "moderate", "severe", "extreme"]
Origin = Literal["pack", "changed", "people"]
Limits = Annotated[
    dict[Severity, float], msgspec.Meta(description="the limit of each severity, in the property's unit")
]
Body = Annotated[
    dict[str, Any],
    msgspec.Meta(description="a rule as packs have it, without `devices` and `area_levels`, which are overrides"),
]


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of a device (its code) or an area (its code or feature id) in place of the rule's; empty: none there."""

    kind: Literal["device", "area"]
    subject: str
    levels: Limits


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a rule; `name` is what alarms call it. `newest` is the newest version there is.

    `origin`: as its shipped pack says, changed by people since, or made by people. `pack_rule` is what the pack says
    where that is something else; `restore` without a version takes it. `judged_version`: the version that the desk has
    taken up; it lags behind `newest` for a moment. `what`, `at`, `who` and `reason` are of this version; `who` is empty
    of a pack's. `overrides`, and the devices in `rule.sources`, are those that the reader may see. `fault`: why this
    program cannot use the version, so that it is not in force although it may be enabled.
    """

    pack: str
    code: str
    name: str
    version: int
    newest: int
    enabled: bool
    demo: bool
    origin: Origin
    pack_version: int | None
    pack_rule: Body | None
    judged_version: int
    what: str
    at: dt.datetime
    who: str
    reason: str
    rule: Body
    overrides: list[Override]
    fault: str | None


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Rules by pack and code; `next` is the `after` of the next page, null on the last. `count` is of all pages."""

    rules: list[Rule]
    next: str | None
    count: int


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A version in a rule's history; `what` is how it came to be."""

    version: int
    enabled: bool
    what: Literal["shipped", "made", "changed", "enabled", "disabled", "overridden", "released", "restored"]
    at: dt.datetime
    who: str
    reason: str


class Versions(msgspec.Struct, frozen=True, kw_only=True):
    """Versions, newest first; `next` is the `before` of the next page, null on the last."""

    versions: list[Entry]
    next: int | None


class NewRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule of the installation's own, with its `pack` and `code`. It is made disabled unless asked for otherwise."""

    rule: Body
    reason: Reason
    enabled: bool = False


class NewVersion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole rule as it shall be, from the version that the person saw; its overrides stay."""

    expected_version: Version
    reason: Reason
    rule: Body


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Enable or disable, from the version that the person saw."""

    expected_version: Version
    reason: Reason


class Restore(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Make an older version's body the newest one's, or without `version` what the shipped pack says."""

    expected_version: Version
    reason: Reason
    version: Version | None = None


class NewOverride(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits in place of the rule's; an empty table means none: the rule says nothing there."""

    expected_version: Version
    reason: Reason
    levels: Limits


class HistoryTest(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"since": "from", "until": "to"}
):
    """What to try on stored history: a rule that may not be there yet (`rule`), an older version, or the newest one.

    The overrides are those of the newest version. By default the last 31 days, which are the most.
    """

    pack: str
    code: str
    rule: Body | None = None
    version: Version | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


class Would(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that there would have been, told by the worst of its alarms; `why`: value, limit and the like."""

    at: dt.datetime
    ended_at: dt.datetime | None
    alarms: int
    severity: Severity
    title: str
    title_en: str
    source: str
    source_name: str
    centre: str
    area_code: str
    lon: float
    lat: float
    property: str
    why: dict[str, Any]


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A local day of the centre, and what began on it."""

    day: dt.date
    alarms: int
    incidents: int


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Alarms and incidents in all and by day, from how many sources; of the incidents the first 200.

    `waiting` are alarms that several incidents would have taken, so that a person would have had to decide.
    """

    alarms: int
    incidents: int
    waiting: int
    sources: int
    days: list[Day]
    listed: list[Would]


class Tested(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """What came of a test. `through` is how far it came, `stopped` why it came no further: time, alarms (too many).

    `values` is how many stored values and sightings were judged, of a rule about silence how many silences. `before` is
    what the version in force would have made of the same, null when none is in force. What this rule's alarms would
    have had in common with those of other rules is not counted.
    """

    since: dt.datetime
    until: dt.datetime
    through: dt.datetime
    whole: bool
    stopped: Literal["", "time", "alarms", "gone"]
    values: int
    took_ms: int
    after: Outcome
    before: Outcome | None
