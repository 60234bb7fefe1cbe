"""Ids in paths; who saw an incident, its timeline, and who may be given it."""

import contextlib
import datetime as dt
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.api.incidents import id_of
from ioc.api.problems import ProblemError
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre
from tests.fakes.incidents import alarm, flood


@given(st.uuids())
def test_a_uuid_is_itself(value: uuid.UUID) -> None:
    assert id_of(str(value)) == value


@given(st.text())
def test_any_text_is_an_id_or_not_found(text: str) -> None:
    with contextlib.suppress(ProblemError):
        assert isinstance(id_of(text), uuid.UUID)


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


async def test_who_saw_it_is_kept_once_and_told_with_the_version(centre: Centre) -> None:
    incident, _ = await flood(centre)
    path = f"/api/v1/incidents/{incident}"
    for who, version in (("operator", 1), ("admin", 1), ("operator", 2)):
        assert (await centre.post(f"{path}/seen", {"version": version}, who))[0] == 204
    _, found, _ = await centre.get(path)
    assert [(one["who"], one["version"]) for one in found["seen"]] == [("operator", 2), ("admin", 1)]
    assert found["seen"][0]["first_at"] < found["seen"][0]["last_at"]
    assert found["version"] == 1
    assert await centre.owner.fetchval("select count(*) from audit where act = 'incident.seen'") == 2
    assert (await centre.post(f"{path}/seen", {"version": 1}, "viewer"))[0] == 403
    assert (await centre.post(f"{path}/seen", {"version": 1}, "district"))[0] == 404


async def test_the_timeline_is_one_list_of_all_sources_also_of_what_was_merged(centre: Centre) -> None:
    (old, _), (young, [measured]) = await flood(centre), await flood(centre)
    told = await alarm(
        centre, young, source_kind="citizen", source="hotline", title="Nhà tôi ngập", evidence='{"photos": ["p1"]}',
        at=now() - dt.timedelta(minutes=2),
    )  # fmt: skip
    await alarm(centre, young, source_kind="agency", source="nchmf", at=now() - dt.timedelta(minutes=1), holds=False)
    await centre.owner.execute(
        "insert into reports (id, centre, area, channel, number, at, arrived_at, category, severity, text, place, "
        "error_m, photos, numbers, entered_by, geom) values ($1, 'quang-nam', '502@2024-09-01', 'hotline', '1', now(), "
        "now(), 'flood', 'severe', 'Nước tới ngực <b>', '', 50, '{}', '{}', 'x', 'srid=4326;point(108 15)'::geometry)",
        uuid.UUID(told),
    )  # fmt: skip
    await centre.post(f"/api/v1/incidents/{young}/comment", {"text": "đã gọi"}, "operator")
    _, merged = await centre.post(f"/api/v1/incidents/{old}/merge", {"expected_version": 1, "other": young}, "operator")
    assert merged["id"] == old
    status, found, _ = await centre.get(f"/api/v1/incidents/{old}/timeline", "viewer")
    assert (status, found["cut"]) == (200, False)
    times = [one["at"] for one in found["moments"]]
    assert times == sorted(times)
    kinds = [one["kind"] for one in found["moments"]]
    assert sorted(kinds) == sorted(["raised"] * 2 + ["report", "notice", "cleared", "comment", "step", "step"])
    report = next(one for one in found["moments"] if one["kind"] == "report")
    assert (report["alarm"], report["text"], report["source"]) == (told, "Nhà tôi ngập", "hotline")
    assert report["photos"] == ["/api/v1/media/p1"]
    assert report["words"] == ""  # a viewer sees no report
    _, read, _ = await centre.get(f"/api/v1/incidents/{old}/timeline", "operator")
    assert [one["words"] for one in read["moments"] if one["kind"] == "report"] == ["Nước tới ngực <b>"]
    comment = next(one for one in found["moments"] if one["kind"] == "comment")
    assert (comment["of"], comment["who"], comment["text"]) == (young, "operator", "đã gọi")
    assert measured in {one["alarm"] for one in found["moments"]}
    assert (await centre.get(f"/api/v1/incidents/{old}/timeline", "district"))[0] == 404


async def test_it_is_given_to_those_alone_who_may_work_on_it(centre: Centre) -> None:
    incident, _ = await flood(centre)
    path = f"/api/v1/incidents/{incident}"
    _, found, _ = await centre.get(f"{path}/assignees", "operator")
    assert [one["login"] for one in found["people"]] == ["admin", "operator"]
    for login in ("viewer", "district", "nobody"):
        status, answer = await centre.post(f"{path}/assign", {"expected_version": 1, "to": login}, "operator")
        assert (status, answer["code"]) == (422, "no-assignee")
    status, answer = await centre.post(f"{path}/assign", {"expected_version": 1, "to": "admin"}, "operator")
    assert (status, answer["owner"], answer["status"]) == (200, "admin", "acknowledged")
