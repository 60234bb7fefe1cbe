"""What is held back from becoming an incident: by a silence of a person, or by a parent that is down."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from ioc.incidents.alarm import Alarm
from ioc.incidents.policy import Policy
from ioc.incidents.rules import Rule
from ioc.incidents.silence import silenced_by
from ioc.incidents.suppression import (
    LINKS,
    TOLD_LATER,
    Lineage,
    explained,
    is_parent,
    keys,
    parents,
    taken_over,
)
from ioc.store import alarms as kept
from ioc.store import silences
from ioc.store.database import Transaction

Lineages = Callable[[str], Lineage]
"""What a source hangs on, by its code."""


class Split(msgspec.Struct, kw_only=True):
    """Newcomers sorted: those that are free, those that are silenced, and those that a parent explains.

    `suppressed` names the parent's alarm: its incident is known once the page is matched.
    """

    free: list[Alarm] = []
    silenced: list[Alarm] = []
    suppressed: list[tuple[Alarm, Alarm]] = []


class Holding:
    """Knows which rules tell of the loss of a parent, and what hangs on what."""

    def __init__(self, policy: Policy, rules: Iterable[Rule], lineage: Lineages) -> None:
        self._policy = policy
        self._links: dict[str, Rule] = {}
        self.adopt(rules)
        self._technical = [code for code, about in policy.categories.items() if about.technical]
        self._lineage = lineage

    def adopt(self, rules: Iterable[Rule]) -> None:
        """From now on these rules tell of the loss of a parent."""
        self._links = {rule.system: rule for rule in rules if rule.system in LINKS}

    async def split(self, transaction: Transaction, alarms: Sequence[Alarm], now: dt.datetime) -> Split:
        """Sort newcomers. What is silenced or released is entered in the list of what its silence hid."""
        found = Split()
        if not alarms:
            return found
        judging = await silences.judging(transaction, now)
        hidden = [(silence, one) for one in alarms if (silence := silenced_by(one, judging, now)) is not None]
        quiet = {one.id for _, one in hidden}
        await silences.hide(transaction, hidden, now)
        shown = [one for one in alarms if one.match == "silenced" and one.id not in quiet]
        await silences.release(transaction, [one.id for one in shown], now)
        holding = await self._parents(transaction, [one for one in alarms if one.id not in quiet])
        for alarm in alarms:
            parent = self._parent(alarm, holding)
            if alarm.id in quiet:
                found.silenced.append(alarm)
            elif parent is not None:
                found.suppressed.append((alarm, parent))
            else:
                found.free.append(alarm)
        return found

    async def _parents(self, transaction: Transaction, alarms: Sequence[Alarm]) -> Mapping[str, Alarm]:
        """The parents' losses that hold now, and could explain one of some alarms, by key."""
        wanted = {
            loss
            for alarm in alarms
            if explained(alarm, self._policy)
            for loss in parents(alarm, self._lineage(alarm.source.code))
        }
        if not wanted:
            return {}
        saved = await kept.open_of(transaction, keys(wanted, self._links))
        return saved | {alarm.key: alarm for alarm in alarms if is_parent(alarm) and alarm.cleared_at is None}

    def _parent(self, alarm: Alarm, holding: Mapping[str, Alarm]) -> Alarm | None:
        if not holding or not explained(alarm, self._policy):
            return None
        for key in keys(parents(alarm, self._lineage(alarm.source.code)), self._links):
            parent = holding.get(key)
            if parent is not None and parent.match not in ("silenced", "waiting") and taken_over(parent, alarm):
                return parent
        return None

    async def taken(self, transaction: Transaction, raised: Iterable[Alarm]) -> dict[str, str]:
        """The incidents that parents which were told just now take over: to the parent's incident.

        Their alarms are of its children alone, began at most TOLD_LATER before it, and nobody touched them.
        """
        new = [alarm for alarm in raised if is_parent(alarm) and alarm.cleared_at is None and alarm.incident]
        if not new:
            return {}
        by_key = {alarm.key: alarm for alarm in new}
        since = min(alarm.raised_at for alarm in new) - TOLD_LATER
        found: dict[str, str] = {}
        kept_apart = {alarm.incident for alarm in new}
        for child in await kept.young(transaction, self._technical, since):
            parent = self._parent(child, by_key)
            if child.incident is None or child.incident in kept_apart:
                continue
            if parent is not None and parent.incident is not None and parent.id != child.id:
                found.setdefault(child.incident, parent.incident)
            else:
                kept_apart.add(child.incident)
                found.pop(child.incident, None)
        return found
