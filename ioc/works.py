"""What the one process that leads does beside the desk: it keeps house, opens and escalates tickets, tells people."""

import os
import random
import time
from collections.abc import Mapping
from pathlib import Path

from ioc.answering import Answering
from ioc.clock import now
from ioc.curator import Curator
from ioc.desk import Passing, pass_on
from ioc.dispatch import Dispatch
from ioc.escalating import Escalating
from ioc.gallery import Gallery
from ioc.keeper import Keeper
from ioc.quality import Quality
from ioc.retention import classes
from ioc.rollups import Rollups
from ioc.settings import Settings
from ioc.steady import Steady
from ioc.store import endpoints
from ioc.store.database import Database
from ioc.tell.channels import Channels
from ioc.tell.gathering import Rules
from ioc.tell.teller import Teller
from ioc.trail import Work


def keeping(settings: Settings, database: Database, media: Path) -> Mapping[str, Work]:
    """For the store: partitions, retention of readings and evidence (`media` is its folder), rollups, the figures of
    alarms."""
    steady = Steady(database, now, time.monotonic)
    gallery = Gallery(media, settings.media_bytes, make=False)
    return {
        "curator": Curator(database, gallery, now, steady.believed).run,
        "keeper": Keeper(database, classes(), now, steady.believed).run,
        "quality": Quality(database, now, steady.believed).run,
        "rollups": Rollups(database).run,
    }


class Telling:
    """Who tells people, and citizens' channels, what they are to be told."""

    def __init__(self, settings: Settings, database: Database, channels: Channels, passing: Passing = pass_on) -> None:
        chance = random.SystemRandom().random
        rules = Rules(zone=settings.zone, endpoint=endpoints.hop)
        self.teller = Teller(
            database, channels.by_name, rules, now=now, entropy=os.urandom, chance=chance, passing=passing
        )
        self.answering = Answering(
            database, channels.outbound, now, entropy=os.urandom, chance=chance, source=channels.source
        )

    def figures(self) -> Mapping[str, int | str]:
        """How it stands, for the state of the process."""
        answered = {"updates_sent": self.answering.sent, "updates_given_up": self.answering.given_up}
        return {**self.teller.told(), **answered}


def tickets(database: Database, telling: Telling, passing: Passing = pass_on) -> Mapping[str, Work]:
    """For tickets: they are opened, people are told, also when nobody moves, and so is who reported it."""
    return {
        "dispatch": Dispatch(database, now, os.urandom, passing=passing).run,
        "escalation": Escalating(database, now, passing=passing).run,
        "teller": telling.teller.run,
        "answering": telling.answering.run,
    }
