"""`ioc device`: devices, their life cycle, keys and certificates without a browser.

A key is printed once, and is kept nowhere.
"""

import argparse
import datetime as dt
import os
import pwd
from collections.abc import Awaitable, Callable

import msgspec

from gis.position import Position
from ioc import catalogue
from ioc.access.scope import EVERYTHING
from ioc.embedded.broker_files import CA, FOLDER
from ioc.embedded.users import hashes_of
from ioc.registration import lifecycle
from ioc.registration.lawful import blocking, laws
from ioc.registration.lifecycle import Step, WrongStepError
from ioc.registration.record import AnyRecord, Author, DeviceRecord, Subject
from ioc.settings import Settings, SettingsError
from ioc.store import audit, centre_merges, certificates, keys, register_changes, register_rows
from ioc.store.database import Database, Transaction
from ioc.store.keys import Thing
from ioc.store.register_changes import TakenError

Now = Callable[[], dt.datetime]
Order = argparse.Namespace

SUBJECTS: tuple[Subject, ...] = ("device", "camera")
SHOWN = 100_000


class Desk:
    """One transaction of the command line, in the name of whoever runs it."""

    def __init__(self, transaction: Transaction, order: Order, settings: Settings, now: dt.datetime) -> None:
        self.transaction, self.order, self.settings, self.now = transaction, order, settings, now
        self.by = Author(f"cli:{pwd.getpwuid(os.getuid()).pw_name}", "local")

    async def thing(self) -> Thing:
        """The device or camera that the order names. Raises SettingsError when there is none."""
        for subject in SUBJECTS:
            found = await keys.thing(self.transaction, subject, self.order.code)
            if found is not None:
                return found
        raise SettingsError(f"there is no device {self.order.code!r}; `ioc device list` shows them all")

    async def record(self, act: str, thing: Thing, text: str = "") -> None:
        """Record a deed of the command line."""
        deed = audit.Deed(
            act=act, who=self.by.login, kind=thing.subject, thing=thing.code, address="local", text=text,
            centre=thing.centre, area=thing.area,
        )  # fmt: skip
        await audit.record(self.transaction, deed, self.now)


def say(line: str) -> None:
    """One line to whoever ran the command."""
    print(line)  # noqa: T201


async def add(desk: Desk) -> None:
    """A draft of a device."""
    order = desk.order
    profiles = catalogue.profiles_of(desk.settings)
    if order.profile not in profiles:
        raise SettingsError(f"there is no profile {order.profile!r}; there are {' '.join(sorted(profiles))}")
    try:
        position = Position(lon=order.at[0], lat=order.at[1])
    except ValueError as error:
        raise SettingsError(f"this is no place: {error}") from error
    place = await register_changes.placed(desk.transaction, position, desk.now.astimezone(desk.settings.zone).date())
    if place is None:
        raise SettingsError("no area of ours is near this place: check longitude and latitude")
    made = DeviceRecord(
        code=order.code, name=order.name or order.code, centre=order.centre or place.centre, area=place.area,
        kind=order.kind or order.profile, position=position, profile=order.profile, gateway=order.gateway,
    )  # fmt: skip
    if heir := (await centre_merges.heirs(desk.transaction)).get(order.centre or ""):
        raise SettingsError(f"centre {order.centre!r} went into {heir}; give --centre {heir}")
    if order.centre and not await register_changes.serves(desk.transaction, order.centre, place.area):
        raise SettingsError(f"centre {order.centre!r} does not serve {place.area_name}")
    try:
        kept = await register_changes.register_thing(desk.transaction, made, by=desk.by, now=desk.now)
    except TakenError:
        raise SettingsError(f"there is a device {order.code!r} already") from None
    await register_changes.tell(desk.transaction, [kept], desk.now)
    say(f"{order.code} is drafted in {place.area_name} ({made.centre}); `ioc device approve {order.code}` is next")


async def show(desk: Desk) -> None:
    """All devices and cameras, one a line: code, life cycle, centre, name at the broker, when it signed in last."""
    law = catalogue.law_of(desk.settings)
    wanted = register_rows.Wanted(lifecycle=desk.order.lifecycle or "")
    for subject in SUBJECTS:
        found = (await register_rows.listed(desk.transaction, subject, wanted, law, SHOWN)).records
        states = await keys.states(desk.transaction, [one.code for one in found], desk.now)
        for one in found:
            key = states.get(one.code)
            seen = key.seen_at.isoformat(timespec="seconds") if key is not None and key.seen_at is not None else "-"
            say("\t".join((one.code, subject, one.lifecycle, one.centre, key.user if key else "-", seen, one.name)))


async def step(desk: Desk) -> None:
    """One step of the life cycle."""
    taken: Step = desk.order.deed
    thing = await desk.thing()
    subject: Subject = "device" if thing.subject == "device" else "camera"
    before = await register_rows.one(desk.transaction, subject, thing.code, lock=True)
    if before is None:
        raise SettingsError(f"there is no device {thing.code!r} any more")
    try:
        after = msgspec.structs.replace(before, lifecycle=lifecycle.after(before.lifecycle, taken))
    except WrongStepError as error:
        raise SettingsError(str(error)) from error
    _lawful(desk, after)
    kept = await register_changes.change_thing(
        desk.transaction, after, by=desk.by, now=desk.now, act=taken, reason=desk.order.reason
    )
    await register_changes.tell(desk.transaction, [kept], desk.now)
    say(f"{thing.code} is {after.lifecycle}")


def _lawful(desk: Desk, record: AnyRecord) -> None:
    law = catalogue.law_of(desk.settings)
    missing = blocking(record, law) if lifecycle.works(record.lifecycle) else ()
    if missing:
        asked = laws(missing, record, law)
        raise SettingsError(f"{record.code} cannot be active without {', '.join(missing)} ({asked})")


async def key(desk: Desk) -> None:
    """A new key, printed once."""
    thing = await desk.thing()
    if thing.lifecycle == keys.RETIRED:
        raise SettingsError(f"{thing.code} is retired; approve it anew before it is given a key")
    if not thing.speaks:
        raise SettingsError(f"the camera {thing.code} does not report by itself and needs no key")
    issued = await keys.issue(desk.transaction, thing, desk.by.login, desk.now)
    await desk.record("key.issue", thing, issued.login)
    say(f"{issued.login}\t{issued.key}")
    if issued.old_until is not None:
        say(f"# {issued.old} stays good until {issued.login} signs in, or {issued.old_until:%Y-%m-%d %H:%M} UTC")


async def withdraw(desk: Desk) -> None:
    """Neither key nor certificate opens the broker any more."""
    thing = await desk.thing()
    had = await keys.withdraw(desk.transaction, thing, desk.now)
    had = await certificates.revoke(desk.transaction, thing.code, desk.now) or had
    if not had:
        raise SettingsError(f"{thing.code} has neither key nor certificate")
    await desk.record("key.withdraw", thing)
    say(f"{thing.code} signs in at the broker no more")


async def adopt(desk: Desk) -> None:
    """Keys that were made elsewhere, by the lines of a password file."""
    try:
        found = hashes_of(desk.order.file.read_text("utf-8", "replace"))
    except OSError as error:
        raise SettingsError(f"{desk.order.file} cannot be read ({error.strerror})") from error
    left = set(found)
    for subject in SUBJECTS:
        ours = await register_rows.some(desk.transaction, subject, found)
        taken = await keys.adopt(
            desk.transaction, subject, {code: found[code] for code in ours}, desk.by.login, desk.now
        )
        left -= ours.keys()
        for code in taken:
            await desk.record("key.adopt", Thing(subject=subject, speaks=True, **_place(ours[code])))
        say(f"{len(taken)} {subject}s keep the key that they have")
    if left:
        say(f"# not registered, and so let in no more: {' '.join(sorted(left))}")


def _place(record: AnyRecord) -> dict[str, str]:
    return {name: getattr(record, name) for name in ("code", "centre", "area", "lifecycle")}


async def certificate(desk: Desk) -> None:
    """A client certificate by the centre's own authority."""
    from ioc.embedded.broker_tls import authority_in  # cryptography is needed for certificates alone
    from ioc.registration.authority import AuthorityError, sign_device

    thing, authority = await desk.thing(), authority_in(desk.settings.state)
    if authority is None:
        raise SettingsError("there is no authority in this state dir; `ioc device ca` makes one")
    if thing.lifecycle == keys.RETIRED:
        raise SettingsError(f"{thing.code} is retired; approve it anew before it is given a certificate")
    try:
        signed = sign_device(authority, thing.code, desk.order.csr.read_bytes(), desk.now)
    except OSError as error:
        raise SettingsError(f"{desk.order.csr} cannot be read ({error.strerror})") from error
    except AuthorityError as error:
        raise SettingsError(str(error)) from error
    await certificates.signed(desk.transaction, thing, signed.serial, signed.until, desk.by.login, desk.now)
    await desk.record("certificate.sign", thing, signed.serial)
    say(signed.certificate.decode("ascii").rstrip())


def make_authority(settings: Settings, order: Order, now: dt.datetime) -> None:
    """The centre's own authority, and the broker's certificate. Raises SettingsError."""
    from ioc.doorkeeping import owner_of
    from ioc.embedded import broker_tls
    from ioc.registration.authority import AuthorityError

    hosts = order.host or [host for host in (settings.broker_host,) if host]
    if not settings.broker_dir or not hosts:
        raise SettingsError("give IOC_BROKER_DIR, and the broker's host name by --host or IOC_BROKER_HOST")
    folder = settings.broker_folder
    try:
        authority = broker_tls.authority_made_in(settings.state, now, f"IOC {settings.centre}")
        made = broker_tls.certificate_made_in(folder, authority, hosts, now, owner_of(folder))
    except OSError as error:
        raise SettingsError(f"{error.filename} cannot be written ({error.strerror})") from error
    except AuthorityError as error:
        raise SettingsError(str(error)) from error
    say(f"{settings.state / FOLDER / CA} is what devices know the broker by")
    say(f"{folder} has {'a new' if made else 'its'} certificate for {' '.join(hosts)}")


def work(order: Order, now: Now) -> Callable[[Settings], Awaitable[None]]:
    """What an order does: all of it in one transaction, or nothing."""
    deeds: dict[str, Callable[[Desk], Awaitable[None]]] = {
        "add": add,
        "list": show,
        "key": key,
        "withdraw": withdraw,
        "adopt": adopt,
        "certificate": certificate,
        **dict.fromkeys(lifecycle.STEPS, step),
    }

    async def run(settings: Settings) -> None:
        if order.deed == "ca":
            make_authority(settings, order, now())
            return
        if not settings.database_url:
            raise SettingsError("IOC_DATABASE_URL is missing: give the address of PostgreSQL as role ioc_app")
        async with (
            Database.open(settings.database_url, size=1) as database,
            database.transaction(EVERYTHING) as transaction,
        ):
            await deeds[order.deed](Desk(transaction, order, settings, now()))

    return run
