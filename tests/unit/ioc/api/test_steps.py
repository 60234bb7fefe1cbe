"""The life of an incident over HTTP, by requests to a real server over a real PostgreSQL."""

import asyncio
import itertools
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre
from tests.fakes.incidents import alarm, flood, homes


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


class Hands:
    """Somebody who takes steps of one incident, with the version that the last answer gave."""

    def __init__(self, centre: Centre, incident: str, who: str = "operator", version: int = 1) -> None:
        self._centre, self.incident, self._who, self.version = centre, incident, who, version

    async def ask(self, step: str, **body: Any) -> tuple[int, Any]:
        path = f"/api/v1/incidents/{self.incident}/{step}"
        return await self._centre.post(path, {"expected_version": self.version} | body, self._who)

    async def take(self, step: str, **body: Any) -> Any:
        status, answer = await self.ask(step, **body)
        assert status in (200, 201), answer
        if answer["id"] == self.incident:
            self.version = answer["version"]
        return answer

    async def refused(self, step: str, **body: Any) -> Any:
        status, answer = await self.ask(step, **body)
        assert status in (409, 422), answer
        return answer


async def test_a_whole_life(centre: Centre) -> None:
    incident, [held] = await flood(centre)
    hands = Hands(centre, incident)
    assert (await hands.take("acknowledge"))["owner"] == "operator"
    assert (await hands.take("start"))["status"] == "in_progress"
    told = await hands.refused("resolve")
    assert (told["code"], told["status"]) == ("why-needed", 422)
    assert "1 cảnh báo" in told["detail"]
    done = await hands.take("resolve", why="nước đã rút khỏi đường")
    assert (done["status"], done["holding"]) == ("resolved", 1)
    assert "1 cảnh báo" in (await hands.refused("close", why="x"))["detail"]
    await centre.owner.execute("update alarms set cleared_at = now() where id = $1", uuid.UUID(held))
    assert "bước bắt buộc" in (await hands.refused("close"))["detail"]
    closed = await hands.take("close", why="hết lũ")
    assert (closed["status"], closed["steps"]) == ("closed", ["reopen", "comment"])
    again = await hands.take("reopen", why="mưa trở lại")
    assert (again["status"], again["version"]) == ("reopened", 6)
    assert [line["what"] for line in again["log"]] == ["acknowledged", "started", "resolved", "closed", "reopened"]
    assert [line["text"] for line in again["log"]][2:] == ["nước đã rút khỏi đường", "hết lũ", "mưa trở lại"]


async def test_every_step_is_in_the_trail_with_what_was_before_and_after_and_is_told(centre: Centre) -> None:
    incident, _ = await flood(centre)
    hands = Hands(centre, incident)
    await hands.take("acknowledge")
    await hands.take("severity", severity="extreme", why="seen on the camera")
    rows = await centre.owner.fetch("select act, who, thing, before, after, text from audit where kind = 'incident'")
    assert [(row["act"], row["who"], row["thing"]) for row in rows] == [
        ("incident.acknowledge", "operator", incident),
        ("incident.severity", "operator", incident),
    ]
    assert json.loads(rows[1]["before"])["severity"] == "severe"
    assert json.loads(rows[1]["after"])["severity"] == "extreme"
    assert rows[1]["text"] == "seen on the camera"
    changes = await centre.owner.fetch("select value from changes where subject_id = $1 order by id", incident)
    assert [json.loads(row["value"])["properties"]["version"] for row in changes] == [2, 3]


async def test_a_stale_step_is_answered_with_the_state_and_who_did_what_when(centre: Centre) -> None:
    incident, _ = await flood(centre)
    await Hands(centre, incident, "admin").take("acknowledge")
    status, late = await Hands(centre, incident).ask("acknowledge")
    assert (status, late["code"]) == (409, "stale-version")
    assert (late["latest"]["who"], late["latest"]["what"]) == ("admin", "acknowledged")
    assert late["current"]["owner"] == "admin"
    assert late["detail"].startswith("Người thao tác gần nhất: admin, “acknowledged”, lúc ")


async def test_of_many_at_once_one_wins_at_every_version(centre: Centre) -> None:
    """Twelve requests race for each version: one is done, eleven are told who was first, and nothing is lost."""
    incident, _ = await flood(centre)
    people = itertools.cycle(["admin", "operator"])
    for version, step in enumerate(["acknowledge", "start", "severity", "title", "resolve"], 1):
        more = {"severity": {"severity": "minor"}, "title": {"title": "Lũ"}}.get(step, {})
        hands = [Hands(centre, incident, who, version) for who in itertools.islice(people, 12)]
        answers = await asyncio.gather(*(one.ask(step, why="vì thế", **more) for one in hands))
        assert sorted(status for status, _ in answers) == [200] + [409] * 11, step
        done = next(answer for status, answer in answers if status == 200)
        assert done["version"] == version + 1
        late = [answer for status, answer in answers if status == 409]
        assert {one["code"] for one in late} == {"stale-version"}
        assert {one["latest"]["who"] for one in late} == {done["log"][-1]["who"]}
    rows = await centre.owner.fetch(
        "select what from incident_log where incident = $1 order by id", uuid.UUID(incident)
    )
    assert [row["what"] for row in rows] == ["acknowledged", "started", "severity", "title", "resolved"]


async def test_who_sees_only_what_goes_on_is_told_once_of_what_they_ended(centre: Centre) -> None:
    await centre.owner.execute("update accounts set span = 'live' where login = 'operator'")
    incident, _ = await flood(centre)
    done = await Hands(centre, incident).take("false-alarm", why="chỉ là bóng cây")
    assert (done["id"], done["status"]) == (incident, "false_alarm")
    assert (await centre.get(f"/api/v1/incidents/{incident}", "operator"))[0] == 404
    assert (await Hands(centre, incident, version=2).ask("reopen", why="x"))[0] == 404


async def test_a_title_of_blanks_is_none(centre: Centre) -> None:
    incident, _ = await flood(centre)
    assert (await Hands(centre, incident).ask("title", title="  "))[0] == 400
    done = await Hands(centre, incident).take("title", title=" Lũ Vu Gia ", title_en="Vu Gia flood")
    assert (done["title"], done["title_en"]) == ("Lũ Vu Gia", "Vu Gia flood")
    assert done["log"][-1]["text"] == "Nước sông vượt báo động II → Lũ Vu Gia"


async def test_a_key_carries_a_step_out_once(centre: Centre) -> None:
    incident, _ = await flood(centre)
    path, body = f"/api/v1/incidents/{incident}/acknowledge", {"expected_version": 1}
    key = {"Idempotency-Key": "k1"}
    answers = [await centre.post(path, body, "operator", **key) for _ in range(3)]
    assert [status for status, _ in answers] == [200] * 3
    assert answers[0] == answers[1] == answers[2]
    assert await centre.owner.fetchval("select count(*) from incident_log") == 1


async def test_who_only_looks_takes_no_step_and_a_district_none_elsewhere(centre: Centre) -> None:
    incident, _ = await flood(centre)
    other, _ = await flood(centre, centre="hoi-an")
    for step in ("acknowledge", "start", "resolve", "false-alarm", "undo"):
        assert (await Hands(centre, incident, "viewer").ask(step))[0] == 403
        assert (await Hands(centre, incident, "district").ask(step))[0] == 404
    for step, name in (("merge", "other"), ("duplicate", "of")):
        assert (await Hands(centre, other, "district").ask(step, **{name: incident}))[0] == 404
        assert (await Hands(centre, incident, "district").ask(step, **{name: other}))[0] == 404
    assert (await Hands(centre, other, "district").ask("acknowledge"))[0] == 200


async def test_a_merge_puts_all_alarms_into_the_older_one_and_leads_there(centre: Centre) -> None:
    old, olds = await flood(centre, 2)
    young, youngs = await flood(centre, 3, severity="minor")
    merged = await Hands(centre, old).take("merge", other=young, why="cùng một chỗ")
    assert (merged["id"], merged["alarm_count"], merged["holding"]) == (old, 5, 5)
    assert await homes(centre) == dict.fromkeys([*olds, *youngs], old)
    _, gone, headers = await centre.get(f"/api/v1/incidents/{young}")
    assert (gone["status"], gone["duplicate_of"], gone["leads_to"]) == ("duplicate", old, old)
    assert headers["Link"] == f'</api/v1/incidents/{old}>; rel="canonical"'
    assert (gone["alarm_count"], gone["alarms"]) == (0, [])
    trail = await centre.owner.fetch("select thing, after from audit where act = 'incident.merge' order by id")
    assert [(row["thing"], json.loads(row["after"])["status"]) for row in trail] == [(old, "new"), (young, "duplicate")]
    assert "trùng" in (await Hands(centre, young, version=gone["version"]).refused("acknowledge"))["detail"]


async def test_a_merge_is_undone_as_it_was_and_only_once(centre: Centre) -> None:
    (old, _), (young, _) = await flood(centre), await flood(centre, 2)
    await Hands(centre, young).take("acknowledge")
    before = await homes(centre)
    matches = await centre.owner.fetch("select id, match from alarms order by id")
    hands = Hands(centre, old)
    merged = await hands.take("merge", other=young)
    assert (merged["undo"]["kind"], merged["undo"]["source"]) == ("merge", young)
    back = await hands.take("undo")
    assert (back["id"], back["alarm_count"], back["undo"]) == (old, 1, None)
    _, young_again, _ = await centre.get(f"/api/v1/incidents/{young}")
    assert (young_again["status"], young_again["owner"], young_again["duplicate_of"]) == (
        "acknowledged",
        "operator",
        None,
    )
    assert await homes(centre) == before
    assert await centre.owner.fetch("select id, match from alarms order by id") == matches
    assert (await hands.refused("undo"))["code"] == "not-undoable"


async def test_an_undo_is_refused_when_somebody_did_something_since(centre: Centre) -> None:
    (old, _), (young, _) = await flood(centre), await flood(centre)
    hands = Hands(centre, old)
    await hands.take("merge", other=young)
    await hands.take("acknowledge")
    told = await hands.refused("undo")
    assert told["code"] == "not-undoable"
    assert "operator đã ghi “acknowledged”" in told["detail"]
    assert told["current"]["undo"] is None
    assert set((await homes(centre)).values()) == {old}


async def test_an_alarm_that_came_after_a_merge_stays_where_it_came(centre: Centre) -> None:
    (old, olds), (young, youngs) = await flood(centre), await flood(centre)
    hands = Hands(centre, young)
    merged = await hands.take("merge", other=old)
    late = await alarm(centre, old)
    await Hands(centre, old, version=merged["version"]).take("undo")
    assert await homes(centre) == dict.fromkeys([*olds, late], old) | dict.fromkeys(youngs, young)


async def test_a_duplicate_goes_where_the_person_says_and_chains_lead_to_the_end(centre: Centre) -> None:
    (one, _), (two, _), (three, _) = [await flood(centre) for _ in range(3)]
    answer = await Hands(centre, one).take("duplicate", of=two, of_version=1)
    assert (answer["id"], answer["alarm_count"]) == (two, 2)
    await Hands(centre, two, version=answer["version"]).take("duplicate", of=three)
    _, first, _ = await centre.get(f"/api/v1/incidents/{one}")
    assert (first["duplicate_of"], first["leads_to"]) == (two, three)
    assert set((await homes(centre)).values()) == {three}
    told = await Hands(centre, one, version=first["version"]).refused("duplicate", of=three)
    assert told["code"] == "wrong-state"
    stale = await Hands(centre, three, version=1).refused("merge", other=two, other_version=1)
    assert stale["code"] == "stale-version"


async def test_a_split_takes_some_alarms_into_a_new_incident_and_is_undone(centre: Centre) -> None:
    incident, alarms = await flood(centre, 4)
    hands = Hands(centre, incident)
    new = await hands.take("split", alarms=alarms[:2], why="bờ bên kia")
    assert (new["status"], new["owner"], new["alarm_count"], new["area_code"]) == (
        "acknowledged",
        "operator",
        2,
        "20335",
    )
    assert new["related"] == [
        {"incident": incident, "kind": "split-from", "title": "Nước cao", "title_en": "High water", "status": "new"}
    ]
    _, rest, _ = await centre.get(f"/api/v1/incidents/{incident}")
    assert (rest["alarm_count"], rest["undo"]["kind"]) == (2, "split")
    assert await homes(centre) == dict.fromkeys(alarms[:2], new["id"]) | dict.fromkeys(alarms[2:], incident)
    await Hands(centre, new["id"], version=new["version"]).take("undo")
    assert set((await homes(centre)).values()) == {incident}
    _, gone, _ = await centre.get(f"/api/v1/incidents/{new['id']}")
    assert (gone["status"], gone["leads_to"]) == ("duplicate", incident)


async def test_a_split_leaves_an_alarm_and_takes_only_its_own(centre: Centre) -> None:
    (incident, alarms), (_, others) = await flood(centre, 2), await flood(centre)
    hands = Hands(centre, incident)
    assert "ít nhất một cảnh báo" in (await hands.refused("split", alarms=alarms))["detail"]
    assert "Không cảnh báo nào" in (await hands.refused("split", alarms=others))["detail"]


async def test_what_citizens_reported_ends_when_people_end_the_incident(centre: Centre) -> None:
    incident, [measured] = await flood(centre)
    told = await alarm(centre, incident, source_kind="citizen", source="hotline", key="report:hotline:1")
    hands = Hands(centre, incident)
    done = await hands.take("false-alarm", why="chỉ là bóng cây")
    assert (done["status"], done["holding"]) == ("false_alarm", 1)
    rows = dict(await centre.owner.fetch("select id::text, cleared_at is null from alarms"))
    assert rows == {measured: True, told: False}


async def test_two_merge_crosswise_and_no_alarm_is_lost(centre: Centre) -> None:
    """Each names the other at the same moment, many times over: one of each pair wins, the other sees why."""
    for _ in range(6):
        (one, ones), (two, twos) = await flood(centre, 2), await flood(centre, 2)
        answers = await asyncio.gather(
            Hands(centre, one, "admin").ask("merge", other=two, other_version=1),
            Hands(centre, two).ask("merge", other=one, other_version=1),
            Hands(centre, one).ask("split", alarms=ones[:1]),
        )
        assert sorted(status < 300 for status, _ in answers) == [False, False, True], answers
        assert {status for status, _ in answers} <= {200, 201, 409}
        where = await homes(centre)
        assert {*ones, *twos} <= where.keys()
        rows = await centre.owner.fetch(
            "select a.id from alarms a left join incidents i on i.id = a.incident "
            "where i.id is null or i.status = 'duplicate'"
        )
        assert rows == []
