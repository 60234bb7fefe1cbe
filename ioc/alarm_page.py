"""A page of alarms that changed, beside what is kept of them: which belong nowhere yet, and which disturb others."""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from ioc.incidents import flapping
from ioc.incidents.alarm import Alarm
from ioc.incidents.images import withdrawn

HELD_BACK = ("suppressed", "silenced")
"""How alarms match that are kept from incidents of their own."""


class Page(msgspec.Struct, kw_only=True):
    """A page of alarms beside what is kept of them.

    `new` belong nowhere yet; `old` stay where they are, unless they are also in `again`, because their beginning
    changed. `stirred` are incidents to fold again from a moment on, `rebuilt` and `renewed` have another reach.
    """

    stored: Mapping[str, Alarm]
    new: list[Alarm] = []
    old: list[Alarm] = []
    again: list[Alarm] = []
    stirred: dict[str, dt.datetime] = {}
    rebuilt: set[str] = set()
    renewed: set[str] = set()

    def enter(self, alarm: Alarm, now: dt.datetime) -> None:
        """Sort one in. What says that it begins later than now began now: it must not stand in the way of others."""
        before = self.stored.get(alarm.id)
        if alarm.raised_at > now:
            alarm = msgspec.structs.replace(alarm, raised_at=before.raised_at if before is not None else now)
        if before is None and withdrawn(alarm):  # told and taken back within the page: it is nobody's
            self.old.append(msgspec.structs.replace(alarm, match="history"))
            return
        if before is None:
            self.new.append(alarm)
            return
        alarm = flapping.kept(before, alarm)
        alarm = msgspec.structs.replace(alarm, incident=before.incident, match=before.match)
        if before.match in ("", "history", "silenced") and alarm.cleared_at is None and not withdrawn(alarm):
            self.new.append(alarm)
            return
        self.old.append(alarm)
        begins_anew = alarm.raised_at != before.raised_at or withdrawn(before)
        if begins_anew and not withdrawn(alarm) and alarm.match in ("opened", "linked", "number", "waiting"):
            self.again.append(alarm)
        if alarm.incident is not None and alarm.match not in HELD_BACK:
            self._stir(alarm.incident, alarm, before)

    def _stir(self, incident: str, alarm: Alarm, before: Alarm) -> None:
        if alarm.raised_at != before.raised_at or withdrawn(alarm) != withdrawn(before):
            self.rebuilt.add(incident)
            self._from(incident, min(alarm.raised_at, before.raised_at))
        elif alarm.cleared_at != before.cleared_at:
            self.renewed.add(incident)
            self._from(incident, alarm.seen_at + dt.timedelta(microseconds=1))
        elif alarm.source_kind == "camera":
            self.renewed.add(incident)

    def _from(self, incident: str, at: dt.datetime) -> None:
        self.stirred[incident] = min(at, self.stirred.get(incident, at))

    def is_new(self, alarm: Alarm, before: Mapping[str, Alarm]) -> bool:
        """Whether a placed alarm differs from what is kept of it; `before` are those beside the page."""
        kept = self.stored.get(alarm.id, before.get(alarm.id))
        return kept is None or alarm != kept

    def told(self, changed: Sequence[Alarm], held: Mapping[str, Alarm]) -> list[Alarm]:
        """The alarms that people are told of; what a parent explains is told by its incident's numbers alone."""
        told = {one.id: one for one in self.old if one.id in self.stored and news(held.get(one.key), one)}
        for alarm in changed:
            before = self.stored.get(alarm.id)
            if before is None or before.incident != alarm.incident or news(held.get(alarm.key), alarm):
                told[alarm.id] = alarm
        return [alarm for alarm in told.values() if alarm.match != "suppressed"]

    def concerned(
        self, changed: Sequence[Alarm], beside: Mapping[str, Alarm], regrouped: set[str]
    ) -> tuple[set[str], set[str]]:
        """The incidents of which there is news, and those of which mere numbers changed; one may be both.

        Those that alarms left are entered in `regrouped`. `beside` are alarms of no page that were moved with it.
        """
        told, numbers = set[str](), set[str]()
        for alarm in self.old:
            if alarm.incident is not None:
                is_news = alarm.match not in HELD_BACK and news(self.stored[alarm.id], alarm)
                (told if is_news else numbers).add(alarm.incident)
        for alarm in changed:
            before = self.stored.get(alarm.id, beside.get(alarm.id))
            if before is not None and before.incident is not None and before.incident != alarm.incident:
                told.add(before.incident)
                regrouped.add(before.incident)
            if alarm.incident is not None:
                quiet = alarm.match in HELD_BACK or flapping.repeats(alarm)
                (numbers if quiet else told).add(alarm.incident)
        return told, numbers


def counts_as_raised(alarm: Alarm) -> bool:
    """Whether an alarm that came to an incident is something new that holds: it reopens what people resolved."""
    return alarm.cleared_at is None and alarm.match not in HELD_BACK and not flapping.repeats(alarm)


def news(before: Alarm | None, after: Alarm) -> bool:
    """Whether people are told of an alarm: raised, of another severity, or cleared; not of a mere repeat."""
    if before is None or before.id != after.id:
        return True
    return before.severity != after.severity or after.cleared_at is not None
