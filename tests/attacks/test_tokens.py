"""Tampered tokens, foreign pages, stolen and planted sessions get nowhere (A2): accepted = 0."""

import base64
import datetime as dt
import hashlib
import hmac
import secrets
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import aiohttp
import orjson
import pytest

from ioc.access.scope import EVERYTHING
from ioc.access.tokens import digest
from ioc.store import people
from ioc.store.tokens import create_token
from tests.fakes.attack_world import World
from tests.fakes.http_centre import PASSWORD, Centre, now

WHO = "/api/v1/session"


def _part(value: Any) -> str:
    body = value if isinstance(value, bytes) else orjson.dumps(value)
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def _signed(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    text = f"{_part(header)}.{_part(claims)}"
    return f"{text}.{_part(hmac.new(key, text.encode(), hashlib.sha256).digest())}"


def web_tokens(token: str) -> Iterator[str]:
    """JSON web tokens as attackers make them. None of ours are such, so every one must be refused."""
    later = int(now().timestamp()) + 3_600
    claims = {"sub": "admin", "role": "admin", "aud": "ioc", "exp": later}
    for none in ("none", "None", "NONE", "nOnE"):
        yield f"{_part({'alg': none, 'typ': 'JWT'})}.{_part(claims)}."
    for key in (b"", b"secret", token.encode(), digest(token), b"-----BEGIN PUBLIC KEY-----\n"):
        yield _signed({"alg": "HS256", "typ": "JWT"}, claims, key)
        yield _signed({"alg": "RS256", "typ": "JWT"}, claims, key)
    for kid in ("../../../../dev/null", "' union select 'k", "http://127.0.0.1/k", "0"):
        yield _signed({"alg": "HS256", "kid": kid, "jku": "http://127.0.0.1/k"}, claims, b"")
    for changed in ({"aud": "other"}, {"exp": 1}, {"exp": -1}, {"nbf": later}, {"iss": "hoi-an"}):
        yield _signed({"alg": "HS256"}, claims | changed, b"secret")


def mutated(token: str) -> Iterator[str]:
    """A good token with something changed."""
    for place in range(0, len(token), 3):
        yield token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
    for cut in (1, 2, len(token) // 2, len(token) - 1):
        yield token[:-cut]
        yield token[cut:]
    yield from (token + more for more in ("A", "=", ".", "%00", "\t.", " x", ",", ";", '"'))
    yield from (
        token.upper(),
        token.lower(),
        token[::-1],
        f'"{token}"',
        token.replace("-", "+").replace("_", "/") + "=",
    )
    yield from (digest(token).hex(), base64.b64encode(digest(token)).decode(), "*", "null", "undefined", "", "0")


async def _accepted(world: World, headers: dict[str, str]) -> bool:
    async with world.server.http.get(world.server.url + WHO, headers=headers) as answer:
        assert answer.status in (200, 401), headers
        return answer.status == 200


async def _expired(world: World) -> list[str]:
    """Tokens that were good: over, of a disabled account, and never made."""
    database, tokens = world.server.database, [secrets.token_urlsafe(32) for _ in range(3)]
    name = "quang-nam-viewer"
    async with database.transaction(EVERYTHING) as transaction:
        account = await people.by_login(transaction, name)
        assert account is not None
        past = now() - dt.timedelta(seconds=1)
        await create_token(transaction, account.id, digest(tokens[0]), "old", past, past)
        await create_token(transaction, account.id, digest(tokens[1]), "off", now())
    await world.server.owner.execute("update accounts set disabled_at = now() where login = $1", name)
    return tokens


async def test_no_tampered_token_is_accepted(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    good = world.tokens["quang-nam", "admin"]
    assert await _accepted(world, {"Authorization": f"Bearer {good}"})
    bad = [one for one in (*web_tokens(good), *mutated(good), *await _expired(world)) if one != good]
    tries = [{"Authorization": f"Bearer {one}"} for one in bad]
    tries += [{"Cookie": f"ioc_session={one}"} for one in (good, *bad) if one.isascii() and one.isprintable()]
    tries += [{"Authorization": f"{scheme} {good}"} for scheme in ("Basic", "Token", "JWT", "Digest", "", "BearerX")]
    tries += [{name: good} for name in ("X-Api-Key", "X-Auth-Token", "Token", "Proxy-Authorization", "X-User")]
    tries += [{"X-Forwarded-User": "admin"}, {"Remote-User": "admin"}, {"X-Original-URL": "/healthz"}]
    accepted = [one for one in tries if await _accepted(world, one)]
    with capsys.disabled():
        sys.stdout.write(f"\ntampered tokens accepted {len(accepted)} of {len(tries)}\n")
    assert not accepted


async def test_a_token_in_an_address_is_no_token(world: World) -> None:
    good = world.tokens["quang-nam", "admin"]
    for name in ("access_token", "token", "api_key", "ioc_session"):
        status, _, _ = await world.server.get(f"{WHO}?{name}={good}", None)
        assert status == 401


async def _signed_in(centre: Centre, name: str = "operator", cookie: str = "") -> str:
    """A session's secret; `cookie` is what the browser already held."""
    headers = {"Cookie": f"ioc_session={cookie}"} if cookie else {}
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        body = {"user": name, "password": PASSWORD}
        async with browser.post(centre.url + WHO, json=body, headers=headers) as answer:
            assert answer.status == 200
            return answer.cookies["ioc_session"].value


async def test_a_planted_session_is_not_taken_over(world: World) -> None:
    """Signing in makes a new secret, whatever the browser held before (fixation)."""
    planted = secrets.token_urlsafe(32)
    made = await _signed_in(world.server, cookie=planted)
    assert made != planted
    assert not await _accepted(world, {"Cookie": f"ioc_session={planted}"})
    other = await _signed_in(world.server, "district")
    again = await _signed_in(world.server, cookie=other)
    assert again not in (other, made)


async def test_a_stolen_session_ends_with_the_sign_out(world: World) -> None:
    stolen = await _signed_in(world.server)
    mine = {"Cookie": f"ioc_session={stolen}", "Origin": world.server.url}
    assert await _accepted(world, {"Cookie": f"ioc_session={stolen}"})
    async with world.server.http.delete(world.server.url + WHO, headers=mine) as answer:
        assert answer.status == 204
    assert not await _accepted(world, {"Cookie": f"ioc_session={stolen}"})
    assert not await _accepted(world, {"Authorization": f"Bearer {stolen}"})


PUBLIC = (
    *(("post", path) for path in (WHO, "/api/v1/invite", "/api/v1/receipts/{token}")),
    *(("post", path) for path in ("/api/v1/enrol", "/api/v1/enrol/collect")),
)
"""They need no cookie, so a program may ask without an origin; foreign origins are refused at the first two as well. Of
a receipt the token in its address is all that counts, of an enrolment the code or ticket, and no page has them."""


async def test_no_foreign_page_changes_anything(world: World) -> None:
    """With a cookie, every change of the document from every other origin is refused, and nothing changes."""
    centre = world.server
    cookies = [await _signed_in(centre, who) for who in ("admin", "operator", "district", "viewer")]
    host = centre.url.removeprefix("http://")
    incident = world.things["quang-nam"].incident
    origins = [None, "", "null", "http://evil.example", f"http://{host}.evil.example", f"http://evil.example/{host}",
               f"http://x@{host}", f"ftp://{host}", "http://127.0.0.1:1", "http://localhost", f"file://{host}",
               f"http://evil.example#{host}", f"http://{host}:80", f"{host}"]  # fmt: skip
    tried = 0
    for path, methods in (await world.openapi())["paths"].items():
        for method in methods:
            if method in ("get", "options") or (method, path) in PUBLIC:
                continue
            cookie = cookies[tried // len(origins) % len(cookies)]
            for origin in origins:
                address = path.replace("{id}", incident)
                headers = {"Cookie": f"ioc_session={cookie}"} | ({} if origin is None else {"Origin": origin})
                async with centre.http.request(
                    method, centre.url + address, json={"expected_version": 1}, headers=headers
                ) as answer:
                    assert answer.status == 403, (method, path, origin)
                tried += 1
    assert tried >= 2 * len(origins)
    for cookie in cookies:
        assert await _accepted(world, {"Cookie": f"ioc_session={cookie}"})
    assert await centre.owner.fetchval("select version from incidents where id = $1", uuid.UUID(incident)) == 1


async def test_other_origins_are_told_nothing_by_preflights(world: World) -> None:
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "DELETE"}
    for token in (None, world.tokens["quang-nam", "admin"]):
        mine = headers | ({"Authorization": f"Bearer {token}"} if token else {})
        async with world.server.http.options(world.server.url + WHO, headers=mine) as answer:
            assert answer.status == (204 if token else 401)
            assert not [name for name in answer.headers if name.startswith("Access-Control")]
