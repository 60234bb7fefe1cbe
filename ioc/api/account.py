"""One's own account: password, second factor, sessions and tokens. Programs have no business here."""

import datetime as dt
import os
import secrets
import uuid

import msgspec
from aiohttp import web

from gis.stamp import uuid7
from ioc.access import recovery, tokens, totp
from ioc.access.scope import EVERYTHING
from ioc.access.throttle import Visit
from ioc.access.weak import weakness
from ioc.api.caller import CALLER, CALLERS, Caller
from ioc.api.door import DOOR, address_of, model_of
from ioc.api.models_people import (
    ChangeOwn,
    ChangePassword,
    Confirm,
    Ended,
    MakeToken,
    NewFactor,
    NewToken,
    Own,
    Reauthenticate,
    RecoveryCodes,
    SessionOf,
    TokenOf,
)
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import bad
from ioc.api.session import give_cookie, told
from ioc.store import audit, factors, people, sessions
from ioc.store import tokens as kept_tokens
from ioc.store.audit import Deed
from ioc.store.database import Transaction
from ioc.store.people import Account

ISSUER = "IOC Quảng Nam"
"""The name under which authenticator apps list our codes."""


def caller_of(request: web.Request) -> tuple[Caller, uuid.UUID]:
    """The person who has signed in, and the id of the account. Problem for a program."""
    caller = request[CALLER]
    if not caller.by_cookie or caller.account is None:
        raise ProblemError("session-needed")
    return caller, caller.account


def deed_of(request: web.Request, act: str, kind: str, thing: str = "", text: str = "") -> Deed:
    """A deed of whoever asks, from where they ask."""
    person = request[CALLER].person
    return Deed(
        act=act,
        who=person.login,
        kind=kind,
        thing=thing,
        centre=person.centre,
        address=address_of(request),
        text=text,
    )


def id_of(request: web.Request) -> uuid.UUID:
    """The id in the address. Problem 404 for anything else."""
    try:
        return uuid.UUID(request.match_info["id"])
    except ValueError as error:
        raise ProblemError("not-found") from error


def good(password: str, *names: str) -> str:
    """The password itself. Problem that says why it is refused."""
    why = weakness(password, *names)
    if why is not None:
        raise ProblemError(f"password-{why}")
    return password


async def _prove(request: web.Request, password: str, code: str | None) -> Account:
    """The account, once the password (and the code, unless None) is shown again. Problem otherwise."""
    parts, door, (caller, _) = request.app[PARTS], request.app[DOOR], caller_of(request)
    visit = Visit(login=caller.person.login, address="", known="browser", mark=f"session {caller.id}")
    async with parts.database.transaction(EVERYTHING, read_only=True) as transaction:
        account = await people.by_login(transaction, caller.person.login)
    door.enter(visit)
    proved = await door.passes(account.password_hash if account else None, password, visit)
    if account is not None and proved and code is not None and account.factor:
        async with parts.database.transaction(EVERYTHING) as transaction:
            proved = bool(await factors.prove(transaction, account.id, code, parts.now()))
    if account is None or not proved:
        deed = msgspec.structs.replace(deed_of(request, "proof.refused", "account"), outcome="refused")
        async with parts.database.transaction(EVERYTHING) as transaction:
            await audit.record(transaction, deed, parts.now())
        raise ProblemError("proof-wrong")
    door.gate.passed(visit)
    return account


async def _renewed(request: web.Request, transaction: Transaction) -> str:
    """Another secret for this session: whoever copied the old one is out."""
    text = tokens.secret(secrets.token_bytes(tokens.BYTES))
    if not await sessions.renew_session(transaction, request[CALLER].digest, tokens.digest(text)):
        raise ProblemError("sign-in-needed")
    return text


def _with_cookie(request: web.Request, response: web.Response, text: str) -> web.Response:
    caller, parts = request[CALLER], request.app[PARTS]
    left = (caller.expires_at - parts.now()) if caller.expires_at else dt.timedelta(0)
    give_cookie(response, text, left, parts.settings.secure_cookies)
    request.app[CALLERS].ended(caller.digest)
    return response


def _done() -> web.Response:
    return web.Response(status=204, headers={"Cache-Control": "no-store"})


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/account`."""
    caller, account = caller_of(request)
    person = caller.person
    async with request.app[PARTS].database.transaction(EVERYTHING, read_only=True) as transaction:
        current = await people.one(transaction, person.login)
        left = await factors.codes_left(transaction, account)
    if current is None:
        raise ProblemError("not-found")
    person = current.person
    return told(
        Own(
            user=person.login,
            name=person.name,
            role=person.role,
            centre=person.centre,
            language=person.language,
            second_factor=current.factor,
            recovery_codes_left=left if current.factor else 0,
        )
    )


async def change(request: web.Request) -> web.Response:
    """`PATCH /api/v1/account`: the language."""
    (caller, account), parts = caller_of(request), request.app[PARTS]
    asked = await model_of(request, ChangeOwn)
    async with parts.database.transaction(EVERYTHING) as transaction:
        current = await people.one(transaction, caller.person.login, lock=True)
        if current is None:
            raise ProblemError("not-found")
        person = msgspec.structs.replace(current.person, language=asked.language)
        await people.change_person(transaction, account, person)
        change = {"before": {"language": current.person.language}, "after": {"language": asked.language}}
        deed = msgspec.structs.replace(deed_of(request, "account.change", "account", person.login), **change)
        await audit.record(transaction, deed, parts.now())
    request.app[CALLERS].forget(caller.digest)
    return await read(request)


async def password(request: web.Request) -> web.Response:
    """`POST /api/v1/account/password`: every other session ends, this one gets a new secret."""
    (caller, _), parts = caller_of(request), request.app[PARTS]
    asked = await model_of(request, ChangePassword)
    good(asked.new_password, caller.person.login, caller.person.name)
    account = await _prove(request, asked.password, None)
    hashed = await request.app[DOOR].hashed(asked.new_password)
    async with parts.database.transaction(EVERYTHING) as transaction:
        await people.set_password(transaction, account.id, hashed)
        text = await _renewed(request, transaction)
        ended = await sessions.end_sessions(transaction, account.id, but=tokens.digest(text))
        deed = deed_of(request, "password.change", "account", caller.person.login)
        await audit.record(transaction, deed, parts.now())
    for mark in ended:
        request.app[CALLERS].ended(mark)
    return _with_cookie(request, _done(), text)


async def begin_factor(request: web.Request) -> web.Response:
    """`POST /api/v1/account/factor`: a secret for an authenticator app, shown this once."""
    parts = request.app[PARTS]
    asked = await model_of(request, Reauthenticate)
    account = await _prove(request, asked.password, None)
    key = secrets.token_bytes(totp.BYTES)
    async with parts.database.transaction(EVERYTHING) as transaction:
        if not await factors.begin(transaction, account.id, key, parts.now()):
            raise ProblemError("factor-there")
    login = account.person.login
    return told(NewFactor(secret=totp.text_of(key), uri=totp.uri(key, login, ISSUER)), 201)


def _new_codes() -> list[str]:
    return [recovery.code(secrets.token_bytes(recovery.BYTES)) for _ in range(recovery.CODES)]


async def confirm_factor(request: web.Request) -> web.Response:
    """`POST /api/v1/account/factor/confirm`: from now on codes are asked; this session gets a new secret."""
    (caller, account), parts, now = caller_of(request), request.app[PARTS], request.app[PARTS].now()
    asked = await model_of(request, Confirm)
    visit = Visit(login=caller.person.login, address="", known="browser", mark=f"session {caller.id}")
    request.app[DOOR].enter(visit)
    codes = _new_codes()
    async with parts.database.transaction(EVERYTHING) as transaction:
        factor = await factors.factor_of(transaction, account)
        if factor is None or factor.confirmed_at is not None:
            raise ProblemError("factor-missing" if factor is None else "factor-there")
        step = totp.matching_step(factor.secret, asked.code.replace(" ", ""), now.timestamp(), after=factor.last_step)
        if step is None or not await factors.use_step(transaction, account, step):
            raise ProblemError("proof-wrong")
        await factors.confirm(transaction, account, now)
        await factors.put_codes(transaction, account, map(recovery.digest_of, codes))
        text = await _renewed(request, transaction)
        await audit.record(transaction, deed_of(request, "factor.add", "account", caller.person.login), now)
    request.app[DOOR].gate.passed(visit)
    return _with_cookie(request, told(RecoveryCodes(recovery_codes=codes)), text)


async def remove_factor(request: web.Request) -> web.Response:
    """`POST /api/v1/account/factor/remove`: with the password and a code."""
    parts = request.app[PARTS]
    asked = await model_of(request, Reauthenticate)
    account = await _prove(request, asked.password, asked.code)
    async with parts.database.transaction(EVERYTHING) as transaction:
        if not await factors.remove(transaction, account.id):
            raise ProblemError("factor-missing")
        text = await _renewed(request, transaction)
        deed = deed_of(request, "factor.remove", "account", account.person.login)
        await audit.record(transaction, deed, parts.now())
    return _with_cookie(request, _done(), text)


async def new_codes(request: web.Request) -> web.Response:
    """`POST /api/v1/account/recovery-codes`: ten new ones; the old ones are over."""
    parts = request.app[PARTS]
    asked = await model_of(request, Reauthenticate)
    account = await _prove(request, asked.password, asked.code)
    if not account.factor:
        raise ProblemError("factor-missing")
    codes = _new_codes()
    async with parts.database.transaction(EVERYTHING) as transaction:
        await factors.put_codes(transaction, account.id, map(recovery.digest_of, codes))
        deed = deed_of(request, "factor.codes", "account", account.person.login)
        await audit.record(transaction, deed, parts.now())
    return told(RecoveryCodes(recovery_codes=codes))


def session_of(session: sessions.Session, mark: bytes = b"") -> SessionOf:
    """A session as lists show it, without its digest."""
    names = [name for name in SessionOf.__struct_fields__ if name != "current"]
    return SessionOf(current=session.digest == mark, **{name: getattr(session, name) for name in names})


async def list_sessions(request: web.Request) -> web.Response:
    """`GET /api/v1/account/sessions`."""
    (caller, account), parts = caller_of(request), request.app[PARTS]
    async with parts.database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await sessions.sessions_of(transaction, account, parts.now())
    return told([session_of(one, caller.digest) for one in found])


async def end_others(request: web.Request) -> web.Response:
    """`DELETE /api/v1/account/sessions`: all but this one."""
    (caller, account), parts = caller_of(request), request.app[PARTS]
    async with parts.database.transaction(EVERYTHING) as transaction:
        ended = await sessions.end_sessions(transaction, account, but=caller.digest)
        deed = deed_of(request, "session.end", "session", "", f"{len(ended)} others")
        await audit.record(transaction, deed, parts.now())
    for mark in ended:
        request.app[CALLERS].ended(mark)
    return told(Ended(ended=len(ended)))


async def end_session(request: web.Request) -> web.Response:
    """`DELETE /api/v1/account/sessions/{id}`: 404 for a session of somebody else."""
    (_, account), parts, wanted = caller_of(request), request.app[PARTS], id_of(request)
    async with parts.database.transaction(EVERYTHING) as transaction:
        ended = await sessions.end_sessions(transaction, account, id=wanted)
        if not ended:
            raise ProblemError("not-found")
        await audit.record(transaction, deed_of(request, "session.end", "session", str(wanted)), parts.now())
    request.app[CALLERS].ended(ended[0])
    return _done()


def token_of(token: kept_tokens.Token) -> TokenOf:
    """A token as lists show it."""
    return TokenOf(**msgspec.structs.asdict(token))


async def list_tokens(request: web.Request) -> web.Response:
    """`GET /api/v1/account/tokens`."""
    (_, account), parts = caller_of(request), request.app[PARTS]
    async with parts.database.transaction(EVERYTHING, read_only=True) as transaction:
        return told([token_of(one) for one in await kept_tokens.tokens_of(transaction, account)])


async def made_token(
    request: web.Request, transaction: Transaction, account: uuid.UUID, login: str, asked: MakeToken
) -> NewToken:
    """Make a token in a transaction. Problem when its scopes are none."""
    try:
        scopes = tokens.scopes_of(asked.scopes)
    except ValueError as error:
        raise bad("scopes", "act:kind") from error
    now, text = request.app[PARTS].now(), tokens.secret(secrets.token_bytes(tokens.BYTES))
    identity, until = uuid7(now, os.urandom(10)), now + dt.timedelta(days=asked.days)
    await kept_tokens.create_token(
        transaction, account, tokens.digest(text), asked.label, now, until, scopes=scopes, id=identity
    )
    deed = deed_of(request, "token.create", "token", str(identity), asked.label)
    after = {"account": login, "scopes": list(scopes), "expires_at": until.isoformat()}
    await audit.record(transaction, msgspec.structs.replace(deed, after=after), now)
    return NewToken(
        id=identity,
        token=text,
        label=asked.label,
        scopes=scopes,
        created_at=now,
        used_at=None,
        expires_at=until,
    )


async def make_token(request: web.Request) -> web.Response:
    """`POST /api/v1/account/tokens`: shown this once."""
    (caller, account), parts = caller_of(request), request.app[PARTS]
    asked = await model_of(request, MakeToken)
    async with parts.database.transaction(EVERYTHING) as transaction:
        return told(await made_token(request, transaction, account, caller.person.login, asked), 201)


async def revoke(request: web.Request, account: uuid.UUID, login: str) -> web.Response:
    """Take the token in the address back; 404 for one of somebody else."""
    parts, wanted = request.app[PARTS], id_of(request)
    async with parts.database.transaction(EVERYTHING) as transaction:
        mark = await kept_tokens.revoke_token(transaction, account, wanted)
        if mark is None:
            raise ProblemError("not-found")
        await audit.record(transaction, deed_of(request, "token.revoke", "token", str(wanted), login), parts.now())
    request.app[CALLERS].ended(mark)
    return _done()


async def revoke_token(request: web.Request) -> web.Response:
    """`DELETE /api/v1/account/tokens/{id}`."""
    caller, account = caller_of(request)
    return await revoke(request, account, caller.person.login)


def routes(app: web.Application) -> None:
    """Add one's own account to an application."""
    account = "/api/v1/account"
    app.router.add_get(account, read)
    app.router.add_patch(account, change)
    app.router.add_post(f"{account}/password", password)
    app.router.add_post(f"{account}/factor", begin_factor)
    app.router.add_post(f"{account}/factor/confirm", confirm_factor)
    app.router.add_post(f"{account}/factor/remove", remove_factor)
    app.router.add_post(f"{account}/recovery-codes", new_codes)
    app.router.add_get(f"{account}/sessions", list_sessions)
    app.router.add_delete(f"{account}/sessions", end_others)
    app.router.add_delete(f"{account}/sessions/{{id}}", end_session)
    app.router.add_get(f"{account}/tokens", list_tokens)
    app.router.add_post(f"{account}/tokens", make_token)
    app.router.add_delete(f"{account}/tokens/{{id}}", revoke_token)
