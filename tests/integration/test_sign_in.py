"""Signing in over HTTP: sessions that cannot be fixed, stolen or outlive their end; factors; links; guessing."""

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import Fresh
from tests.fakes.browser import Browser
from tests.fakes.http_centre import PASSWORD, Centre, running_centre

OTHER = "quite another phrase"


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as started:
        yield started


async def here(browser: Browser) -> int:
    return (await browser.ask("GET", "/api/v1/session"))[0]


async def test_a_session_that_was_there_before_the_sign_in_is_not_taken_over(centre: Centre) -> None:
    async with Browser(centre.url) as lan, Browser(centre.url) as thief:
        lan.steal("fixed-by-somebody-else-000000000000000000000")
        assert (await lan.sign_in("operator"))[0] == 200
        first = lan.cookie
        assert first != "fixed-by-somebody-else-000000000000000000000"
        assert (await lan.sign_in("operator"))[0] == 200
        assert lan.cookie != first
        thief.steal(first)
        assert await here(thief) == 401
        assert await here(lan) == 200


async def test_a_new_password_ends_other_sessions_and_renews_this_one(centre: Centre) -> None:
    async with Browser(centre.url) as lan, Browser(centre.url) as old, Browser(centre.url) as thief:
        for one in (lan, old):
            assert (await one.sign_in("operator"))[0] == 200
        thief.steal(lan.cookie)
        assert await here(thief) == 200
        change = {"password": "wrong wrong wrong", "new_password": OTHER}
        status, problem = await lan.ask("POST", "/api/v1/account/password", change)
        assert (status, problem["code"]) == (403, "proof-wrong")
        for weak, why in (("short", "short"), ("operator-2026!", "named"), ("matkhau123456", "common")):
            change = {"password": PASSWORD, "new_password": weak}
            status, problem = await lan.ask("POST", "/api/v1/account/password", change)
            assert (status, problem["code"]) == (422, f"password-{why}")
        change = {"password": PASSWORD, "new_password": OTHER}
        assert (await lan.ask("POST", "/api/v1/account/password", change))[0] == 204
        assert [await here(one) for one in (lan, old, thief)] == [200, 401, 401]
        assert (await old.sign_in("operator"))[0] == 401
        assert (await old.sign_in("operator", OTHER))[0] == 200


async def test_a_second_factor_is_asked_and_each_code_works_once(centre: Centre) -> None:
    async with Browser(centre.url) as lan, Browser(centre.url) as other:
        await lan.sign_in("operator")
        before = lan.cookie
        app, codes = await lan.with_factor()
        assert lan.cookie != before
        assert len(set(codes)) == 10
        other.steal(before)
        assert await here(other) == 401
        status, problem = await other.sign_in("operator")
        assert (status, problem["code"]) == (401, "code-needed")
        status, problem = await other.sign_in("operator", code=app.code())
        assert (status, problem["code"]) == (401, "code-wrong")  # it confirmed the factor a moment ago
        assert (await other.sign_in("operator", code=app.code(1)))[0] == 200
        assert (await other.sign_in("operator", code=app.code(1)))[1]["code"] == "code-wrong"
        assert (await other.sign_in("operator", code=app.code(9)))[1]["code"] == "code-wrong"
        assert (await other.sign_in("operator", code=codes[0].upper()))[0] == 200
        assert (await other.sign_in("operator", code=codes[0]))[1]["code"] == "code-wrong"
        assert (await lan.ask("GET", "/api/v1/account"))[1]["recovery_codes_left"] == 9
        again = {"password": PASSWORD, "code": codes[1]}
        assert len((await lan.ask("POST", "/api/v1/account/recovery-codes", again))[1]["recovery_codes"]) == 10
        assert (await other.sign_in("operator", code=codes[2]))[1]["code"] == "code-wrong"
        status, problem = await lan.ask("POST", "/api/v1/account/factor", {"password": PASSWORD})
        assert (status, problem["code"]) == (409, "factor-there")


async def test_one_code_used_by_many_at_once_opens_one_session(centre: Centre) -> None:
    async with Browser(centre.url) as lan:
        await lan.sign_in("operator")
        app, _ = await lan.with_factor()
        code = app.code(1)
        tries = [lan.sign_in("operator", code=code) for _ in range(6)]
        statuses = [status for status, _ in await asyncio.gather(*tries)]
        assert statuses.count(200) == 1


async def test_sessions_are_listed_and_ended_by_their_owner_alone(centre: Centre) -> None:
    async with Browser(centre.url) as lan, Browser(centre.url) as second, Browser(centre.url) as minh:
        await lan.sign_in("operator")
        await second.sign_in("operator")
        await minh.sign_in("district")
        _, mine = await lan.ask("GET", "/api/v1/account/sessions")
        assert [one["current"] for one in mine] == [False, True]
        assert "digest" not in mine[0]
        assert (await minh.ask("DELETE", f"/api/v1/account/sessions/{mine[0]['id']}"))[0] == 404
        assert await here(second) == 200
        assert (await lan.ask("DELETE", f"/api/v1/account/sessions/{mine[0]['id']}"))[0] == 204
        assert [await here(one) for one in (lan, second, minh)] == [200, 401, 200]
        await second.sign_in("operator")
        assert (await lan.ask("DELETE", "/api/v1/account/sessions"))[1] == {"ended": 1}
        assert [await here(one) for one in (lan, second)] == [200, 401]


@pytest.mark.parametrize("column", ["expires_at", "seen_at"])
async def test_a_session_ends_after_its_time_and_when_nobody_uses_it(centre: Centre, column: str) -> None:
    async with Browser(centre.url) as lan:
        await lan.sign_in("operator")
        long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=3)
        await centre.owner.execute(f"update sessions set {column} = $1", long_ago)
        assert await here(lan) == 401


@pytest.mark.parametrize(
    "change",
    [lambda s: ("A" if s[0] != "A" else "B") + s[1:], str.swapcase, lambda s: s + "=", lambda _: "", lambda _: "x"],
)
async def test_a_tampered_secret_opens_nothing(centre: Centre, change: object) -> None:
    async with Browser(centre.url) as lan:
        await lan.sign_in("operator")
        bad = change(lan.cookie)  # type: ignore[operator]
        lan.steal(bad)
        assert await here(lan) == 401
        token = change(centre.tokens["operator"])  # type: ignore[operator]
        assert (await centre.get("/api/v1/session", None, Authorization=f"Bearer {token}"))[0] == 401


async def test_unknown_names_are_told_nothing_and_cost_the_same(centre: Centre) -> None:
    answers, times = {}, {}
    async with Browser(centre.url) as lan:
        for name in ("operator", "nobody-at-all", "viewer"):
            if name == "viewer":
                await centre.owner.execute("update accounts set disabled_at = now() where login = 'viewer'")
            started = time.perf_counter()
            answers[name] = await lan.sign_in(name, "a wrong password")
            times[name] = time.perf_counter() - started
    assert answers["operator"] == answers["nobody-at-all"] == answers["viewer"]
    assert answers["operator"][0] == 401


async def test_guessing_is_slowed_and_the_owner_gets_in(centre: Centre) -> None:
    """150 guesses from 15 addresses at once; the owner has signed in with this browser before."""
    async with Browser(centre.url, "127.0.1.1") as owner:
        assert (await owner.sign_in("operator"))[0] == 200
        checked = 0

        async def guess(number: int) -> None:
            nonlocal checked
            async with Browser(centre.url, f"127.0.2.{number}") as bad:
                for turn in range(10):
                    status, _ = await bad.sign_in("operator", f"guess number {number} {turn}")
                    assert status in (401, 429)
                    checked += status == 401

        async with asyncio.TaskGroup() as tasks:
            for number in range(1, 16):
                tasks.create_task(guess(number), name=f"guess {number}")
            waits = []
            for _ in range(5):
                started = time.perf_counter()
                assert (await owner.sign_in("operator"))[0] == 200
                waits.append(time.perf_counter() - started)
        assert checked <= 22
        assert max(waits) < 10  # on a busy machine; alone it is a fraction of a second
        rows = await centre.owner.fetch(
            "select outcome, text, count(*) n from audit where kind = 'session' group by 1, 2"
        )
        told = {row["text"]: row["n"] for row in rows if row["outcome"] == "refused"}
        assert told["sign-in-failed"] == checked
        assert 1 <= told["too-many-tries"] <= 3


async def test_no_secret_is_kept_or_recorded(centre: Centre) -> None:
    async with Browser(centre.url) as lan:
        await lan.sign_in("operator")
        await lan.sign_in(PASSWORD, "typed into the wrong field")
        rows = await centre.owner.fetch(
            "select a::text t from audit a union all select s::text from sessions s union all "
            "select k::text from known_browsers k union all select t::text from tokens t"
        )
    everything = "\n".join(row["t"] for row in rows)
    assert PASSWORD not in everything
    assert lan.cookie not in everything
    assert centre.tokens["operator"] not in everything
