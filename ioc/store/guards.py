"""Row-level security: the rule of `Scope.holds` as policies of PostgreSQL, one description a table.

A policy is frozen text in a migration; a test holds it against what this file makes. The settings are read in
sub-selects, which PostgreSQL runs once a statement: read once a row they made counting three to five times as slow.
They must stay that: a function marked immutable would be folded into a cached plan and
show one person's rows to the next. `coalesce` makes the planner count on half of the rows, not on a sixteenth.
"""

import msgspec


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """Which columns (or expressions of columns) of a table say what the thing is, and where and when.

    `kind` is a literal, or a column where a table holds several kinds. Empty: the table has none of it. `owner` is a
    number of the table `owners`, in place of centre and area.
    """

    table: str
    kind: str
    camera: str = ""
    at: str = ""
    centre: str = "centre"
    area: str = "area"
    owner: str = ""


GUARDS = (
    Guard(table="devices", kind="'device'"),
    Guard(table="cameras", kind="'camera'", camera="code"),
    Guard(table="positions", kind="subject", camera="case when subject = 'camera' then code end"),
    Guard(table="workings", kind="subject", camera="case when subject = 'camera' then code end"),
    Guard(table="enrolment_codes", kind="subject"),
    Guard(table="enrolments", kind="subject"),
    Guard(table="owners", kind="'reading'"),
    Guard(table="readings", kind="'reading'", at="at", owner="owner"),
    Guard(table="rollups", kind="'reading'", at="hour", owner="owner"),
    Guard(table="latest", kind="'reading'"),
    Guard(table="sightings", kind="'sighting'", camera="camera", at="at"),
    Guard(table="sighting_reports", kind="'sighting'", camera="camera", at="at"),
    Guard(table="media", kind="'media'", camera="source", at="taken_at"),
    Guard(table="reports", kind="'report'", at="at"),
    Guard(table="reporters", kind="'report'", at="at"),
    Guard(table="report_updates", kind="'report'", at="at"),
    Guard(table="notices", kind="'report'", at="expires"),
    Guard(table="incidents", kind="'incident'", camera="camera", at="ended_at"),
    Guard(table="alarms", kind="'alarm'", camera="camera", at="cleared_at"),
    Guard(table="alarm_quality", kind="'alarm'", at="hour"),
    Guard(table="alarm_sources", kind="'alarm'", camera="camera", at="hour"),
    Guard(table="silences", kind="'silence'", at="least(until, ended_at)"),
    Guard(table="tickets", kind="'ticket'", camera="camera", at="closed_at"),
    Guard(table="ticket_stays", kind="'ticket'", at="left_at"),
    Guard(table="dead_letters", kind="'dead_letter'", centre="coalesce(centre, '')", at="arrived_at"),
    Guard(table="rule_overrides", kind="'rule'"),
    Guard(table="notifications", kind="'message'", at="at"),
    Guard(table="teams", kind="'duty'"),
    Guard(table="duties", kind="'duty'", at="until"),
    Guard(table="endpoints", kind="'message'"),
)
"""Tables whose rows are seen as they are."""

_SINCE = (
    "(select case coalesce(current_setting('ioc.past', true), '') when '' then 'infinity' when 'all' then '-infinity' "
    "else now() - current_setting('ioc.past', true)::interval end)"
)


def _words(name: str) -> str:
    return f"string_to_array(coalesce(current_setting('ioc.{name}', true), ''), ',')"


def _kind(kind: str, setting: str) -> str:
    if kind.startswith("'"):
        return f"(select {kind} = any ({_words(setting)}))"
    return f"{kind} = any ((select {_words(setting)})::text[])"


def _centre(centre: str) -> str:
    star = "case when current_setting('ioc.scope', true) = '*' then null"
    return f"coalesce({centre} = any ((select {star} else {_words('scope')} end)::text[]), true)"


def _kind_and_centre(kind: str, centre: str) -> str:
    """Both; of one kind in one sub-select, because each costs a statement some hundredths of a millisecond."""
    if not kind.startswith("'"):
        return f"{_kind(kind, 'kinds')} and {_centre(centre)}"
    unknown = f"case when {kind} <> all ({_words('kinds')}) then '{{}}'"
    star = "when current_setting('ioc.scope', true) = '*' then null"
    return f"coalesce({centre} = any ((select {unknown} {star} else {_words('scope')} end)::text[]), true)"


def _kind_and_owner(kind: str, owner: str) -> str:
    """As kind, centre and area: the owners that are seen are read once a statement, through their own policy."""
    unknown = f"case when {kind} <> all ({_words('kinds')}) then '{{}}'"
    star = "when current_setting('ioc.scope', true) = '*' and current_setting('ioc.areas', true) = '*' then null"
    seen = "else array(select id from owners) end"
    return f"coalesce({owner} = any ((select {unknown} {star} {seen})::int[]), true)"


def _area(area: str) -> str:
    return f"((select current_setting('ioc.areas', true) = '*') or {area} in (select unnest({_words('areas')})))"


def _camera(camera: str) -> str:
    star = "case when current_setting('ioc.cameras', true) = '*' then null"
    return f"coalesce({camera} = any ((select {star} else {_words('cameras')} end)::text[]), true)"


def _at(at: str) -> str:
    return f"coalesce({at} >= {_SINCE}, true)"


def _all(*conditions: str) -> str:
    return "coalesce(" + "\n  and ".join(conditions) + ", false)"


def seen(guard: Guard) -> str:
    """The rule for a row: kind, centre, area, camera and time."""
    parts = (
        [_kind_and_owner(guard.kind, guard.owner)]
        if guard.owner
        else [_kind_and_centre(guard.kind, guard.centre), _area(guard.area)]
    )
    parts += [_camera(guard.camera)] if guard.camera else []
    parts += [_at(guard.at)] if guard.at else []
    return _all(*parts)


def _guarded(table: str, kind: str, using: str, check: str) -> list[str]:
    """The statements for one table: what is seen, and that a write needs the right to write, too."""
    writes = _kind(kind, "writes")
    return [
        f"alter table {table} enable row level security",
        f"create policy scope on {table} using (\n  {using}\n) with check (\n  {check}\n)",
        f"create policy adds on {table} as restrictive for insert with check ({writes})",
        f"create policy changes on {table} as restrictive for update using ({writes})",
        f"create policy drops on {table} as restrictive for delete using ({writes})",
    ]


def _of_device(table: str, kind: str) -> list[str]:
    """What has no area of its own (a stream, a count): it is where its device is."""
    device = "exists (select from devices d where d.code = device)"
    using = _all(_kind_and_centre(kind, "centre"), f"((select {_FREE}) or {device})")
    return _guarded(table, kind, using, using)


_FREE = "current_setting('ioc.areas', true) = '*'"


EVERYWHERE = {"rules": "'rule'", "rule_versions": "'rule'", "ticket_policies": "'ticket'"}
"""Tables of what holds in the whole installation, with its kind: who sees things of the kind at all sees each row."""


def _everywhere(table: str) -> list[str]:
    using = _all(_kind(EVERYWHERE[table], "kinds"))
    return _guarded(table, EVERYWHERE[table], using, using)


def _of_incident(table: str) -> list[str]:
    """What belongs to an incident is seen by who sees the incident."""
    using = "exists (select from incidents i where i.id = incident)"
    return _guarded(table, "'incident'", using, using)


def _moves() -> list[str]:
    """Which alarms went from one incident to another is seen by who sees both."""
    both = _all(*(f"exists (select from incidents i where i.id = {one})" for one in ("source", "target")))
    move = "exists (select from incident_moves m where m.id = moved_alarms.move)"
    return [
        *_guarded("incident_moves", "'incident'", both, both),
        *_guarded("moved_alarms", "'incident'", move, move),
    ]


OF_INCIDENTS = ("incident_log", "incident_seen", "incident_checklist")


OF_TICKETS = ("ticket_log", "ticket_timers")


def _of_ticket(table: str) -> list[str]:
    """What belongs to a ticket is seen by who sees the ticket."""
    using = "exists (select from tickets t where t.id = ticket)"
    return _guarded(table, "'ticket'", using, using)


OF_THINGS = ("register_log", "device_keys", "device_certificates")


def _of_thing(table: str) -> list[str]:
    """What belongs to a device or camera is seen by who sees that, wherever it stood before."""
    things = {"device": "devices", "camera": "cameras"}
    whens = (
        f"when '{kind}' then exists (select from {one} t where t.code = {table}.code)" for kind, one in things.items()
    )
    using = _all(_kind("subject", "kinds"), f"case subject {' '.join(whens)} end")
    return _guarded(table, "subject", using, using)


OF_PERSONS = ("imports",)


def _of_person(table: str) -> list[str]:
    """What somebody has begun is that person's alone, and of a kind that the person may see; `*` clears it away."""
    mine = f"(login = (select {_PERSON}) or (select {_PERSON}) = '*')"
    using = _all(_kind("subject", "kinds"), mine)
    return _guarded(table, "subject", using, using)


_PERSON = "coalesce(current_setting('ioc.person', true), '')"


def _relations() -> list[str]:
    """What two incidents are to each other is seen by who sees both."""
    using = _all(*(f"exists (select from incidents i where i.id = {one})" for one in ("incident", "other")))
    return _guarded("incident_relations", "'incident'", using, using)


def _silenced() -> list[str]:
    """What a silence hid is told to who sees the silence; of which alarms, their own policy says."""
    using = "exists (select from silences s where s.id = silence)"
    return _guarded("silenced", "'silence'", using, using)


def _messages() -> list[str]:
    """A message, and each of its sendings, is seen by who sees something of what it tells. What it tells is entered
    after it, so whoever may write messages may add one."""
    told = "message_items i join notifications n on n.id = i.notification where i.message = messages.id"
    writes = _all(_kind("'message'", "kinds"))
    everything = " and ".join(f"current_setting('ioc.{one}', true) = '*'" for one in ("scope", "areas"))
    free = f"(select {everything} and current_setting('ioc.past', true) = 'all' and {writes})"
    item = "exists (select from notifications n where n.id = notification)"
    message = "exists (select from messages m where m.id = message)"
    return [
        *_guarded("messages", "'message'", f"coalesce({free} or exists (select from {told}), false)", writes),
        *_guarded("message_items", "'message'", item, item),
        *_guarded("deliveries", "'message'", message, message),
    ]


def _changes() -> list[str]:
    """What left a reader's scope reaches the reader once more, as a removal: so time does not count, and the
    place before does."""
    kind, camera = _kind("subject", "kinds"), _camera("camera")
    here = f"{_centre('centre')} and {_area('area')}"
    gone = f"centre_before is not null and {_centre('centre_before')} and {_area('area_before')}"
    return _guarded("changes", "subject", _all(kind, f"({here} or {gone})", camera), _all(kind, here, camera))


def statements() -> list[str]:
    """All policies, in the order in which a migration makes them."""
    plain = [line for one in GUARDS for line in _guarded(one.table, one.kind, seen(one), seen(one))]
    of_devices = [*_of_device("streams", "'reading'"), *_of_device("sequences", "'device'")]
    everywhere = [line for table in EVERYWHERE for line in _everywhere(table)]
    of_incidents = [line for table in OF_INCIDENTS for line in _of_incident(table)]
    of_tickets = [line for table in OF_TICKETS for line in _of_ticket(table)]
    of_things = [line for table in OF_THINGS for line in _of_thing(table)]
    of_things += [line for table in OF_PERSONS for line in _of_person(table)]
    joined = [*of_things, *of_incidents, *of_tickets, *_relations(), *_moves(), *_silenced(), *_messages()]
    return [*plain, *of_devices, *joined, *_changes(), *everywhere]


HEADING = "-- Row-level security, made by ioc/store/guards.py from the rule of ioc/access/scope.py."


def script(*tables: str) -> str:
    """The text for a migration that makes these tables."""
    lines = [
        line for one in GUARDS if one.table in tables for line in _guarded(one.table, one.kind, seen(one), seen(one))
    ]
    lines += [line for table in EVERYWHERE if table in tables for line in _everywhere(table)]
    lines += [line for table in OF_THINGS if table in tables for line in _of_thing(table)]
    lines += [line for table in OF_TICKETS if table in tables for line in _of_ticket(table)]
    lines += [line for table in OF_PERSONS if table in tables for line in _of_person(table)]
    return HEADING + "\n" + "".join(f"\n{line};" for line in lines) + "\n"
