"""What the process `ioc intake` is made of: from the MQTT broker to PostgreSQL."""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial

import msgspec

from ioc import catalogue
from ioc.app import now, spooling, unwatched
from ioc.broker_address import login
from ioc.decoding import decoder_of
from ioc.heartbeat import Pulse, beat
from ioc.intake_state import IntakeState, path_of, tell, together
from ioc.lock import HeldError
from ioc.receipts import Receipts
from ioc.register import Register
from ioc.settings import Settings, SettingsError
from ioc.slots import CLIENT, LOOK_S, Lines, connected
from ioc.store.database import WRONG_ADDRESS, Database, UnsafeDatabaseError
from ioc.store.observations import ObservationStore
from ioc.store.spool import Spool
from ioc.trail import noted_soon
from sensors.adapters import opener
from sensors.backlog import Backlog
from sensors.broker import Connection, Subscription
from sensors.codecs.table import codecs, scripts_in
from sensors.intake import listen

log = logging.getLogger(__name__)

ADOPTED_S = 0.2
"""Seconds between looks whether the spool of a dead intake is empty."""

ANSWER_S = 5.0
"""Seconds (monotonic) that PostgreSQL may take for what is no batch: connecting, the register, the heartbeat."""


def dial(
    settings: Settings, client_id: str, subscription: Subscription, backlog: Backlog
) -> AbstractAsyncContextManager[Connection]:
    """Open the chosen adapter. Raises SettingsError when the address cannot be used."""
    return opener(settings.mqtt_client)(login(settings, client_id), subscription, backlog)


class Standing:
    """How this intake stands, put together from its parts as far as they are there already."""

    def __init__(self, broker: Lines) -> None:
        self._broker = broker
        self.spool: Spool | None = None
        self.figures: Callable[[], Mapping[str, int]] = dict

    def state(self) -> IntakeState:
        """This moment."""
        if self.spool is None:
            return IntakeState(
                at=now(), pid=os.getpid(), listening=self._broker.listening, acknowledging=False, why="no_register"
            )
        spool = self.spool.state()
        return IntakeState(
            at=now(),
            pid=os.getpid(),
            listening=self._broker.listening,
            acknowledging=not spool.stopped,
            why=spool.stopped or spool.away,
            spool=spool,
            figures=self.figures(),
        )

    def pulse(self) -> Pulse:
        """The same for the heartbeat."""
        state = self.state()
        told = together([state]) or {}
        figures = {name: int(told[name]) for name in told if name.startswith("spool_")}
        figures["acknowledging"] = int(state.acknowledging)
        return Pulse(state.ready, {**state.figures, **figures, "why": state.why})


async def _refuse_wrong(database: Database) -> None:
    """Refuse an address or settings that are wrong; a server that is away is waited for elsewhere."""
    try:
        async with asyncio.timeout(ANSWER_S):
            await database.check()
    except WRONG_ADDRESS as error:
        raise SettingsError(f"PostgreSQL cannot be used ({error}): check IOC_DATABASE_URL and the server") from error
    except UnsafeDatabaseError:
        raise
    except Exception as error:
        log.warning("PostgreSQL does not answer (%s): what arrives is kept on disk", type(error).__name__)


async def intake(settings: Settings, *, passing: Callable[[str], None] = unwatched) -> None:
    """From the broker to PostgreSQL, or to the disk while PostgreSQL is away; starts without it, too.

    `passing` is told the kill points by their names (the tests stop the process there).
    """
    if not settings.database_url:
        raise SettingsError("IOC_DATABASE_URL is missing: give the address of PostgreSQL as role ioc_app")
    login(settings, "")  # an address that cannot be used is told before anything else is begun
    async with Database.later(settings.database_url, answer_s=ANSWER_S) as database:
        await _refuse_wrong(database)
        opens = partial(dial, settings)
        async with connected(settings.state / "intake", settings.intake_share, opens) as broker:
            standing, name = Standing(broker), broker.client_id.removeprefix("ioc-")
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(tell(path_of(settings.state, broker.client_id), standing.state), name="standing")
                tasks.create_task(noted_soon(database.within(ANSWER_S), now, "intake"), name="noted")
                tasks.create_task(beat(database, name, standing.pulse, now), name="heartbeat")
                await _listen(settings, broker, database, standing, passing)


async def _listen(
    settings: Settings, broker: Lines, database: Database, standing: Standing, passing: Callable[[str], None]
) -> None:
    kept = settings.state / "register.bin"
    async with Register.open(database.within(ANSWER_S), catalogue.profiles_of(settings), keep_at=kept) as register:
        receipts = Receipts(database, register.devices, broker)
        store = ObservationStore(
            database,
            register.owners,
            register.unit_of,
            register.retention_of,
            repeated=receipts.note,
            passing=passing,
        )
        with scripts_in(settings.scripts) as scripts:
            known = codecs(scripts)
            decoder = decoder_of(register, known)

            def figures() -> Mapping[str, int]:
                counted = msgspec.structs.asdict(store.kept)
                return {**counted, **broker.figures(), **decoder.figures(), **receipts.figures()}

            standing.figures = figures
            async with (
                spooling(settings, broker.client_id, store, passing) as standing.spool,
                asyncio.TaskGroup() as tasks,
            ):
                tasks.create_task(_adopt(settings, broker.client_id, store, standing.spool), name="adopt")
                tasks.create_task(receipts.run(), name="receipts")
                await listen(broker, decoder, standing.spool, now, foresee=store.foresee, passing=passing)


async def _adopt(settings: Settings, own: str, store: ObservationStore, spool: Spool) -> None:
    """Move what intakes left on disk that do not run any more, for as long as the store takes it, for ever."""
    while True:
        await asyncio.sleep(LOOK_S)
        for folder in sorted((settings.state / "spool").glob(f"{CLIENT}*")):
            if folder.name == own or spool.state().away or not any(folder.glob("*.seg")):
                continue
            try:
                async with Spool.open(folder, settings.spool_bytes, store, now) as left:
                    while left.state().batches and not left.state().away:  # noqa: ASYNC110 - it tells nobody
                        await asyncio.sleep(ADOPTED_S)
            except* (HeldError, OSError) as refused:
                log.info("%s is left alone (%r)", folder, refused.exceptions[0])
