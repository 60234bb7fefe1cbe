"""Keeps the desk going where something in the journal cannot be judged: that alone is put aside, and loudly.

After TRIES stumbles at one place the desk takes the journal a row at a time. When a row by itself stumbles as often,
its observations are tried in halves, in transactions that never commit; those that cannot be judged with what was good
before them are left out, and become dead letters in the transaction that moves the cursor past them.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from gis.observation import Notice, Observation, Refusal, Report
from ioc.incidents.alarm import Source
from ioc.store import journal, letters
from ioc.store.database import Transaction
from ioc.store.outcome import of_content
from ioc.store.readings import Owner

log = logging.getLogger(__name__)

TRIES = 3
"""Stumbles at one place, with the same page or a smaller one, before less is taken."""

WARY = 1_000
"""Journal rows that must go well after something was left out: until then a single stumble is enough, so that a source
which goes on sending such things does not hold up the others each time anew."""

Trial = Callable[[journal.Entry], Awaitable[None]]
"""Judges an entry to the end, from what is saved, and undoes it. Raises what the judging raises."""


class LeftOut(msgspec.Struct, frozen=True):
    """What could not be judged, and why. None is a whole row that cannot be read."""

    observation: Observation | None
    error: Exception


class _Sifted(msgspec.Struct, frozen=True):
    """A row, what of it can be judged, and what cannot."""

    sealed: journal.Sealed
    good: journal.Entry
    left_out: list[LeftOut]


class _Taken(msgspec.Struct, frozen=True):
    """The page at which the desk is: the place before it, that of its last row, and how many rows."""

    through: int
    last: int
    rows: int


class Defence:
    """What the desk asks before each page, and tells after it. `sifts` says that the next row is to be sifted."""

    def __init__(self) -> None:
        self.sifts = False
        self._taken: _Taken | None = None
        self._at, self._stumbles = -1, 0
        self._narrow_to = -1
        self._wary = 0
        self._sifted: _Sifted | None = None

    def limit(self, through: int, most: int) -> int:
        """How many rows to take after a place: one while it lies in a page that stumbled."""
        return 1 if through < self._narrow_to else most

    def takes(self, through: int, entries: Sequence[journal.Sealed]) -> None:
        """The desk begins a page."""
        self._taken = _Taken(through, entries[-1].id, len(entries))

    def stumbled(self, error: Exception) -> None:
        """A page failed, or nothing was taken yet. An outage is nobody's fault in the journal, and not counted."""
        taken, self._taken = self._taken, None
        if taken is None or not of_content(error):
            return
        self._stumbles = self._stumbles + 1 if taken.through == self._at else 1
        self._at = taken.through
        if self._stumbles < (1 if self._wary else TRIES):
            return
        self._stumbles = 0
        if taken.rows == 1:
            self.sifts = True
        else:
            self._narrow_to = taken.last

    async def sift(self, sealed: journal.Sealed, trial: Trial) -> None:
        """Find what of a row cannot be judged. Raises what a trial without any observation raises: no part of the row
        is at fault then; and an outage."""
        try:
            entry = sealed.opened()
        except Exception as error:
            whole = journal.Entry(sealed.id, sealed.row["arrived_at"], [])
            self._sifted = _Sifted(sealed, whole, [LeftOut(None, error)])
        else:
            await trial(_only(entry, []))
            good, left_out = list[Observation](), list[LeftOut]()
            await _sift(entry, entry.observations, trial, good, left_out)
            self._sifted = _Sifted(sealed, _only(entry, good), left_out)
        self.sifts = False

    def opened(self, sealed: journal.Sealed) -> journal.Entry:
        """A row as it is to be judged."""
        sifted = self._sifted
        return sifted.good if sifted is not None and sifted.sealed.id == sealed.id else sealed.opened()

    async def bury(self, transaction: Transaction, sources: Mapping[str, Source]) -> None:
        """Write the dead letters of what this page leaves out, in the transaction that moves the cursor."""
        if self._sifted is not None:
            arrived_at = self._sifted.good.arrived_at
            await letters.bury(
                transaction,
                [
                    letters.row_of(_refusal(one, self._sifted.sealed), arrived_at, _owners(one, sources))
                    for one in self._sifted.left_out
                ],
            )

    def passed(self) -> int:
        """The page is committed. Returns how many observations were left out, each of which is logged as an error."""
        taken, sifted = self._taken, self._sifted
        self._taken = self._sifted = None
        self._stumbles = 0
        self._wary = max(0, self._wary - (taken.rows if taken is not None else 0))
        if sifted is None or not sifted.left_out:
            return 0
        self._wary = WARY
        for one in sifted.left_out:
            what = _topic(one, sifted.sealed)
            log.error("the desk could not judge %s, and put it aside as a dead letter", what, exc_info=one.error)
        return len(sifted.left_out)


async def _sift(
    entry: journal.Entry,
    part: Sequence[Observation],
    trial: Trial,
    good: list[Observation],
    left_out: list[LeftOut],
) -> None:
    """Add to `good` what of a part can be judged after it, in order, and to `left_out` what cannot."""
    if not part:
        return
    try:
        await trial(_only(entry, [*good, *part]))
    except Exception as error:
        if not of_content(error):
            raise
        if len(part) == 1:
            left_out.append(LeftOut(part[0], error))
            return
    else:
        good += part
        return
    middle = len(part) // 2
    for half in (part[:middle], part[middle:]):
        await _sift(entry, half, trial, good, left_out)


def _only(entry: journal.Entry, observations: list[Observation]) -> journal.Entry:
    return msgspec.structs.replace(entry, observations=observations)


def _topic(one: LeftOut, sealed: journal.Sealed) -> str:
    return one.observation.stamp.source if one.observation is not None else f"journal/{sealed.id}"


def _refusal(one: LeftOut, sealed: journal.Sealed) -> Refusal:
    """The dead letter, under its source. A citizen's own words stay with the report, which fewer people may read."""
    observation, kind = one.observation, type(one.error).__name__
    if observation is None:
        reason = f"the row of the journal cannot be read ({kind}): nothing of it was judged; look at the log"
        return Refusal(topic=_topic(one, sealed), payload=sealed.row["payload"], code=letters.UNJUDGED, reason=reason)
    if isinstance(observation, Report):
        observation = msgspec.structs.replace(observation, text="", place="")
    return Refusal(
        topic=observation.stamp.source,
        payload=msgspec.json.encode(observation),
        code=letters.UNJUDGED,
        reason=f"the desk could not judge it ({kind}): it is kept, but raised and ended no alarm; look at it yourself, "
        "and at the log",
        source=observation.stamp.source,
    )


def _owners(one: LeftOut, sources: Mapping[str, Source]) -> Mapping[str, Owner]:
    """Whose it is: its source's, or, of what was told, its own centre's and area's."""
    observation = one.observation
    if observation is None:
        return {}
    code = observation.stamp.source
    if isinstance(observation, Report | Notice):
        return {code: Owner(observation.stamp.centre, observation.area)}
    source = sources.get(code)
    return {} if source is None else {code: Owner(source.centre, source.area)}
