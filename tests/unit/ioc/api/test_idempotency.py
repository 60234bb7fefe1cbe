"""A change asked for twice is carried out once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ioc.access.scope import EVERYTHING
from ioc.store import answers
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


async def ask(centre: Centre, incident: str, key: str, version: int = 1, who: str = "admin") -> tuple[int, Any, str]:
    url = f"{centre.url}/api/v1/incidents/{incident}/acknowledge"
    headers = centre.bearer(who) | {"Idempotency-Key": key}
    async with centre.http.post(url, json={"expected_version": version}, headers=headers) as answer:
        again = answer.headers.get("Idempotency-Replayed", "")
        return answer.status, await answer.json(content_type=None), again


async def test_the_same_request_has_the_same_answer_and_one_effect(centre: Centre) -> None:
    incident = await centre.incident()
    status, first, again = await ask(centre, incident, "k1")
    assert (status, again) == (200, "")
    status, second, again = await ask(centre, incident, "k1")
    assert (status, second, again) == (200, first, "true")
    assert await centre.owner.fetchval("select count(*) from incident_log") == 1


async def test_another_body_under_the_same_key_is_refused(centre: Centre) -> None:
    incident = await centre.incident()
    await ask(centre, incident, "k1")
    status, problem, _ = await ask(centre, incident, "k1", version=2)
    assert (status, problem["code"]) == (422, "other-request")
    status, problem, _ = await ask(centre, await centre.incident(), "k1")
    assert (status, problem["code"]) == (422, "other-request")


async def test_a_key_belongs_to_its_person(centre: Centre) -> None:
    incident = await centre.incident()
    assert (await ask(centre, incident, "k1"))[0] == 200
    status, problem, again = await ask(centre, incident, "k1", who="operator")
    assert (status, problem["code"], again) == (409, "stale-version", "")


async def test_of_many_at_once_one_is_carried_out(centre: Centre) -> None:
    incident = await centre.incident()
    found = await asyncio.gather(*(ask(centre, incident, "k1") for _ in range(12)))
    assert {status for status, _, _ in found} <= {200, 409}
    assert {body["code"] for status, body, _ in found if status == 409} <= {"in-progress"}
    assert await centre.owner.fetchval("select count(*) from incident_log") == 1


async def test_a_refusal_is_kept_too_and_a_bad_request_is_not(centre: Centre) -> None:
    incident = await centre.incident()
    for _ in range(2):
        status, problem, _ = await ask(centre, incident, "k2", version=7)
        assert (status, problem["code"]) == (409, "stale-version")
    assert (await ask(centre, incident, "k3", version=-1))[0] == 400
    assert (await ask(centre, incident, "k3"))[0] == 200
    for key in ("", "a b", "é", "x" * 201):
        assert (await ask(centre, incident, key))[0] == 400


async def test_keys_go_after_a_day_and_the_oldest_of_too_many_go_first(centre: Centre) -> None:
    await centre.owner.execute(
        "insert into answers select 'admin', 'old' || i, '', 200, '', '', now() - interval '25 hours' "
        "from generate_series(1, 5) i"
    )
    await centre.owner.execute(
        "insert into answers select 'admin', 'new' || i, '', 200, '', '', now() - make_interval(secs => i) "
        f"from generate_series(1, {answers.MOST + 10}) i"
    )
    async with centre.database.transaction(EVERYTHING) as transaction:
        assert await answers.claim(transaction, "admin", "k", b"r", now()) is None
    assert await centre.owner.fetchval("select count(*) from answers") == answers.MOST
    assert await centre.owner.fetchval("select count(*) from answers where key like 'old%'") == 0
