"""Alarms about values that do not come: a property of a device, silent for longer than its rule allows.

Told from what PostgreSQL holds, like the losses of whole devices (ioc/outages.py): silence counts only while an intake
listened, so that a centre that comes back after an hour accuses nobody. A property that was never heard is not missed.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gis.freshness import listened
from gis.stamp import uuid7
from ioc.docket import Docket
from ioc.incidents import alarm as alarms
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.rules import Rule, Verdict, key_of
from ioc.incidents.schedule import counts_at
from ioc.incidents.siting import is_about
from ioc.store import alarms as kept
from ioc.store import freshness
from ioc.store.database import Transaction

REMEMBERED = dt.timedelta(days=60)
"""How long it is known when the intake listened; no rule waits for longer."""


class Absences:
    """Keeps the alarms of the rules with `absent_s`. `rules` and `sources` tell those that are in force."""

    def __init__(
        self,
        rules: Callable[[], Sequence[Rule]],
        sources: Callable[[], Mapping[str, Source]],
        docket: Docket,
        entropy: Callable[[int], bytes],
    ) -> None:
        self._rules = rules
        self._sources = sources
        self._docket = docket
        self._entropy = entropy

    async def judge(self, transaction: Transaction, now: dt.datetime) -> None:
        """Raise and clear what the present asks for."""
        rules = {rule.reference: rule for rule in self._rules() if rule.absent_s > 0}
        if not rules:
            return
        held = {
            alarm.key: alarm
            for alarm in await kept.open_alarms(transaction)
            if alarm.key.partition(":")[0] in rules and alarm.source_kind != "system"
        }
        spans = await freshness.spans(transaction, now - REMEMBERED)
        touched: dict[str, Alarm] = {}
        for rule in rules.values():
            for source, heard_at in await freshness.heard(transaction, rule.profile, rule.measured):
                known = self._sources().get(source)
                if known is None:
                    continue
                silent_s = listened(spans, heard_at, now)
                missed = silent_s >= rule.absent_s and is_about(rule, known) and _counts(rule, now)
                after = self._after(held.get(key_of(rule, source, rule.measured)), rule, known, heard_at, missed, now)
                if after is not None:
                    touched[after.id] = after
        if touched:
            await self._docket.settle(transaction, touched, held, now)

    def _after(
        self, held: Alarm | None, rule: Rule, source: Source, heard_at: dt.datetime, missed: bool, now: dt.datetime
    ) -> Alarm | None:
        """The alarm raised or cleared; None when it stays as it is, or there is none."""
        if missed is (held is not None):
            return None
        verdict = Verdict(
            key=key_of(rule, source.code, rule.measured),
            rule=rule,
            source=source.code,
            source_kind="sensor",
            property=rule.measured,
            at=max(now, held.seen_at) if held is not None else now,
            severity=rule.severity if missed else None,
            evidence=_evidence(rule, heard_at),
        )
        return alarms.step(held, verdict, source, str(uuid7(now, self._entropy(10))))


def _counts(rule: Rule, now: dt.datetime) -> bool:
    return rule.schedule is None or counts_at(rule.schedule, now)


def _evidence(rule: Rule, heard_at: dt.datetime) -> dict[str, Any]:
    return {"heard_at": heard_at.isoformat(), "absent_s": rule.absent_s}
