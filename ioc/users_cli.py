"""`ioc user`: accounts, passwords, second factors, sessions and tokens without a browser.

No secret is an argument: passwords are typed or come on standard input, links and tokens are printed once.
"""

import argparse
import datetime as dt
import getpass
import os
import pwd
import secrets
import sys
from collections.abc import Awaitable, Callable

import msgspec

from gis.stamp import uuid7
from ioc.access.passwords import hash_password
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.access.tokens import ALL, BYTES, digest, scopes_of, secret
from ioc.access.weak import weakness
from ioc.settings import Settings, SettingsError
from ioc.store import audit, factors, invites, people, registry, sessions, tokens
from ioc.store.database import Database, Transaction
from ioc.store.people import Listed

Now = Callable[[], dt.datetime]
Order = argparse.Namespace

_WHY = {
    "short": "a password needs at least 12 characters",
    "long": "the password is too long",
    "named": "a password must not hold the account's name",
    "common": "this password is among those guessed first; choose a long phrase",
}


class Desk:
    """One transaction of the command line, in the name of whoever runs it."""

    def __init__(self, transaction: Transaction, order: Order, settings: Settings, now: Now) -> None:
        self.transaction, self.order, self.settings, self.now = transaction, order, settings, now

    async def account(self) -> Listed:
        """The account that the order names. Raises SettingsError when there is none."""
        found = await people.one(self.transaction, self.order.login, lock=True)
        if found is None:
            raise SettingsError(f"there is no account {self.order.login!r}; `ioc user list` shows them all")
        return found

    async def record(self, act: str, login: str, kind: str = "account", text: str = "") -> None:
        """Record a deed of the command line."""
        who = f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
        deed = audit.Deed(act=act, who=who, kind=kind, thing=login, address="local", text=text)
        await audit.record(self.transaction, deed, self.now())

    async def link(self, found: Listed) -> None:
        """Make a one-time link and print it."""
        text = secret(secrets.token_bytes(BYTES))
        until = await invites.invite(self.transaction, found.id, digest(text), "cli", self.now())
        await self.record("invite.create", found.person.login)
        base = self.order.url or f"http://{self.settings.http_host}:{self.settings.http_port}"
        say(f"{base.rstrip('/')}/invite#{text}")
        say(f"# sets the password of {found.person.login} once, until {until.isoformat(timespec='minutes')}")


def say(line: str) -> None:
    """One line to whoever ran the command."""
    print(line)  # noqa: T201


def typed_password(*names: str) -> str:
    """A new password from the terminal (twice) or standard input's first line. SettingsError says what is wrong."""
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Once more: "):
            raise SettingsError("the two passwords differ; nothing was changed")
    else:
        password = sys.stdin.readline().rstrip("\n")
    why = weakness(password, *names)
    if why is not None:
        raise SettingsError(f"{_WHY[why]}; nothing was changed")
    return password


async def add(desk: Desk) -> None:
    """A new account, with a link or a password."""
    order = desk.order
    extra = {"areas": tuple(order.area)} if "areas" in Person.__struct_fields__ else {}
    about = {"login": order.login, "name": order.name or order.login, "role": order.role, "centre": order.centre}
    person = msgspec.convert({**about, "language": order.language, **extra}, Person)
    codes = [one.code for one in await people.centres(desk.transaction, working=True)]
    if order.centre is not None and order.centre not in codes:
        raise SettingsError(f"there is no centre {order.centre!r}; choose one of {' '.join(codes)}")
    await _areas_are_there(desk)
    identity = uuid7(desk.now(), os.urandom(10))
    if not await people.add_account(desk.transaction, identity, person, desk.now()):
        raise SettingsError(f"there is an account {order.login!r} already")
    await desk.record("account.create", order.login, text=f"{order.role} {order.centre or '*'}")
    found = await desk.account()
    if order.password:
        await people.set_password(desk.transaction, found.id, hash_password(typed_password(order.login, person.name)))
        await desk.record("password.change", order.login)
    elif order.program:
        say(f"{order.login} has no password; give it a token: ioc user token add {order.login} --label … --scope …")
    else:
        await desk.link(found)


async def _areas_are_there(desk: Desk) -> None:
    wanted = set(desk.order.area)
    if wanted and "areas" not in Person.__struct_fields__:
        raise SettingsError("accounts cannot be bound to areas yet; leave --area out")
    areas = await registry.load_areas(desk.transaction) if wanted else ()
    if missing := sorted(wanted - {f"{area.code}@{area.valid_from}" for area in areas}):
        raise SettingsError(f"there is no area {', '.join(missing)}; an area is named <code>@<valid_from>")


async def show(desk: Desk) -> None:
    """All accounts, one a line."""
    for one in await people.listed(desk.transaction):
        person = one.person
        marks = [
            "disabled" if one.disabled_at else "",
            "" if one.has_password else "no-password",
            "second-factor" if one.factor else "",
            "invited" if one.invited_until and one.invited_until > desk.now() else "",
        ]
        words = [person.login, person.role, person.centre or "*", ",".join(filter(None, marks)) or "-", person.name]
        say("\t".join(words))


async def disable(desk: Desk) -> None:
    """Close an account; its sessions end."""
    found = await desk.account()
    await people.set_disabled(desk.transaction, found.id, desk.now())
    await invites.withdraw(desk.transaction, found.id)
    ended = await sessions.end_sessions(desk.transaction, found.id)
    await desk.record("account.disable", found.person.login)
    say(f"{found.person.login} is disabled; {len(ended)} sessions ended")


async def enable(desk: Desk) -> None:
    """Open an account again."""
    found = await desk.account()
    await people.set_disabled(desk.transaction, found.id, None)
    await desk.record("account.enable", found.person.login)
    say(f"{found.person.login} may sign in again")


async def password(desk: Desk) -> None:
    """A new password, typed here, or a link to set it."""
    found = await desk.account()
    if desk.order.link:
        await desk.link(found)
        return
    hashed = hash_password(typed_password(found.person.login, found.person.name))
    await people.set_password(desk.transaction, found.id, hashed)
    ended = await sessions.end_sessions(desk.transaction, found.id)
    await desk.record("password.change", found.person.login)
    say(f"the password of {found.person.login} is changed; {len(ended)} sessions ended")


async def reset_factor(desk: Desk) -> None:
    """Take the second factor away: the phone is lost."""
    found = await desk.account()
    if not await factors.remove(desk.transaction, found.id):
        raise SettingsError(f"{found.person.login} has no second factor")
    await sessions.end_sessions(desk.transaction, found.id)
    await desk.record("factor.reset", found.person.login)
    say(f"{found.person.login} signs in with the password alone")


async def show_sessions(desk: Desk) -> None:
    """An account's sessions; with --end they end."""
    found = await desk.account()
    for one in await sessions.sessions_of(desk.transaction, found.id, desk.now()):
        seen = one.seen_at.isoformat(timespec="seconds")
        say(f"{one.id}\t{seen}\t{one.address}\t{one.agent}")
    if desk.order.end:
        ended = await sessions.end_sessions(desk.transaction, found.id)
        await desk.record("session.end", found.person.login, "session", f"{len(ended)}")
        say(f"{len(ended)} sessions ended")


async def add_token(desk: Desk) -> None:
    """A token for a program, printed once."""
    found, order, now = await desk.account(), desk.order, desk.now()
    try:
        scopes = scopes_of(order.scope or [ALL])
    except ValueError as error:
        raise SettingsError(str(error)) from error
    text, until = secret(secrets.token_bytes(BYTES)), now + dt.timedelta(days=order.days)
    identity = uuid7(now, os.urandom(10))
    await tokens.create_token(
        desk.transaction, found.id, digest(text), order.label, now, until, scopes=scopes, id=identity
    )
    await desk.record("token.create", str(identity), "token", f"{found.person.login}: {' '.join(scopes)}")
    say(text)


async def list_tokens(desk: Desk) -> None:
    """An account's tokens, without their secrets."""
    found = await desk.account()
    for one in await tokens.tokens_of(desk.transaction, found.id):
        until = one.expires_at.isoformat(timespec="minutes") if one.expires_at else "-"
        say(f"{one.id}\t{until}\t{' '.join(one.scopes)}\t{one.label}")


async def revoke_token(desk: Desk) -> None:
    """Take a token back."""
    found = await desk.account()
    if await tokens.revoke_token(desk.transaction, found.id, desk.order.id) is None:
        raise SettingsError(f"{found.person.login} has no token {desk.order.id}; `ioc user token list` shows them")
    await desk.record("token.revoke", str(desk.order.id), "token", found.person.login)
    say("the token opens nothing any more")


def work(order: Order, now: Now) -> Callable[[Settings], Awaitable[None]]:
    """What an order does: all of it in one transaction, or nothing."""
    deeds: dict[str, Callable[[Desk], Awaitable[None]]] = {
        "add": add,
        "list": show,
        "disable": disable,
        "enable": enable,
        "password": password,
        "second-factor": reset_factor,
        "sessions": show_sessions,
        "token-add": add_token,
        "token-list": list_tokens,
        "token-revoke": revoke_token,
    }

    async def run(settings: Settings) -> None:
        if not settings.database_url:
            raise SettingsError("IOC_DATABASE_URL is missing: give the address of PostgreSQL as role ioc_app")
        async with (
            Database.open(settings.database_url, size=1) as database,
            database.transaction(EVERYTHING) as transaction,
        ):
            await deeds[order.deed](Desk(transaction, order, settings, now))

    return run
