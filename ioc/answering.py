"""Sends updates of reports to the endpoints of citizens' channels, in the one process that leads.

Of each report one update after the other, so that "done" never overtakes "accepted"; of several reports side by side.
What fails is tried again, ever more seldom, and given up in the end, where a person may send it again. It is sent
outside of any transaction: who is killed between sending and writing sends it again under the same id, by which the
channel knows it.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ioc import updates
from ioc.access.scope import EVERYTHING
from ioc.outbound import Outbound
from ioc.store import endpoints, ticket_policies
from ioc.store import updates as kept
from ioc.store.away import AWAY
from ioc.store.database import Database
from ioc.store.updates import Update
from ioc.tell.channel import Again, Outcome, Refused
from ioc.tell.endpoint import Endpoint
from ioc.tell.order import Patience
from ioc.tell.webhook import posted
from ioc.tickets.policy import Policy

log = logging.getLogger(__name__)

EVERY_S = 2.0
"""How often it is looked for what is due: a citizen waits for hours, a district's link for its turn."""

PAGE = 100
AT_ONCE = 8
"""Updates of one look, and how many of them are on their way at once."""


class Answering:
    """Offers late joiners their step and sends what is due. `sent` and `given_up` count what this process did."""

    def __init__(
        self,
        database: Database,
        outbound: Outbound,
        now: Callable[[], dt.datetime],
        *,
        entropy: Callable[[int], bytes],
        chance: Callable[[], float],
        source: str,
        patience: Patience | None = None,
    ) -> None:
        """`source` names this installation to receivers (a URI); `chance` draws from [0, 1)."""
        self._database = database
        self._outbound = outbound
        self._now = now
        self._entropy = entropy
        self._chance = chance
        self._source = source
        self._patience = patience or Patience()
        self.sent = 0
        self.given_up = 0

    async def run(self) -> None:
        """Work until cancelled; an error is logged, and the work goes on."""
        while True:
            try:
                while await self.turn():
                    pass
            except* AWAY as away:
                log.warning("citizens' channels wait (%s); trying again", type(away.exceptions[0]).__name__)
            except* Exception:
                log.exception("citizens' channels could not be told; trying again")
            await asyncio.sleep(EVERY_S)

    async def turn(self) -> bool:
        """Whether there may be more to do at once."""
        now = self._now()
        more = await self._catch_up(now)
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            listed = await endpoints.listed(transaction)
            channels = {one.code: one for one in listed if one.kind == "channel" and one.enabled}
            due = await kept.due(transaction, channels, now, PAGE) if channels else []
            policy = await ticket_policies.current(transaction) if due else None
        if policy is not None:
            await self._send_all(due, channels, policy)
        return more or bool(due)

    async def _catch_up(self, now: dt.datetime) -> bool:
        """Late joiners; what is wrong with them keeps nobody else from being told."""
        try:
            return await updates.catch_up(self._database, now, self._entropy)
        except AWAY:
            raise
        except Exception:
            log.exception("reports that came late could not be offered their step; trying again")
            return False

    async def _send_all(self, due: Sequence[Update], channels: dict[str, Endpoint], policy: Policy) -> None:
        room = asyncio.Semaphore(AT_ONCE)

        async def send(update: Update) -> None:
            async with room:
                await self._send(update, channels[update.channel], policy)

        async with asyncio.TaskGroup() as tasks:
            for update in due:
                tasks.create_task(send(update), name=f"update-{update.id}")

    async def _send(self, update: Update, endpoint: Endpoint, policy: Policy) -> None:
        outcome = await self._posted(update, endpoint, policy)
        async with self._database.transaction(EVERYTHING) as transaction:
            current = await kept.one(transaction, update.id)
            if current is None or current.state != "offered" or current.attempts != update.attempts:
                return  # a person or another process was quicker
            now = self._now()
            match self._verdict(update, outcome):
                case dt.timedelta() as wait:
                    await kept.again(transaction, update, now + wait, outcome.reason)  # type: ignore[union-attr]
                case "":
                    await kept.told(transaction, update, now)
                    self.sent += 1
                case str() as reason:
                    await kept.dead(transaction, update, reason)
                    self.given_up += 1
                    log.warning("channel %s: update %s is given up: %s", update.channel, update.id, reason)

    async def _posted(self, update: Update, endpoint: Endpoint, policy: Policy) -> Outcome:
        """What became of a sending; one that we cannot make counts as failed, so that it holds up no other."""
        try:
            body = msgspec.json.encode(event(update, policy, self._source))
            return await posted(self._outbound, endpoint, str(update.id), body, self._now())
        except Exception as error:
            log.exception("the update %s could not be sent", update.id)
            return Again(reason=f"it failed by a mistake of ours ({type(error).__name__})")

    def _verdict(self, update: Update, outcome: Outcome) -> dt.timedelta | str:
        """How long to wait for the next try; or an empty text: it is told, or why it is given up."""
        tries = update.attempts + 1
        match outcome:
            case Again(retry_after=asked) if tries < self._patience.last_tries:
                return max(self._patience.wait(tries, self._chance()), asked or dt.timedelta())
            case Again(reason=reason) | Refused(reason=reason):
                return reason
        return ""


def event(update: Update, policy: Policy, source: str) -> dict[str, Any]:
    """An update as a CloudEvent 1.0.2."""
    return {
        "specversion": "1.0", "id": str(update.id), "source": source, "type": "vn.ioc.report.updated.v1",
        "subject": f"{update.channel}:{update.number}", "time": update.at, "datacontenttype": "application/json",
        "sequence": f"{update.place:020}", "data": updates.open311(update, policy),
    }  # fmt: skip
