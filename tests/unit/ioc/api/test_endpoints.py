"""Endpoints over HTTP, by requests to a real server, tried at real receivers."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ioc.outbound import Outbound
from ioc.settings import Settings
from ioc.store.database import Database
from ioc.tell.channels import channels_of
from tests.conftest import Fresh
from tests.fakes.hook_receiver import HookReceiver, receiving
from tests.fakes.http_centre import Centre, now, running_centre
from tests.fakes.post_office import PostOffice, mailing
from tests.fakes.stations import HERE, PHONE, SECRET, event_of, verified

BASE = "/api/v1/endpoints"
NEW = "whsec_" + "QUJD" * 12


class World:
    """The server, a receiver of webhooks and of gateways' requests, and a mail server."""

    def __init__(self, centre: Centre, receiver: HookReceiver, office: PostOffice) -> None:
        self.centre, self.receiver, self.office = centre, receiver, office

    def hook(self, **changed: Any) -> dict[str, Any]:
        url = f"{self.receiver.url}/hook"
        return {"kind": "webhook", "name": "Sở NNMT", "address": url, "secret": SECRET, "unit": "so-nnmt"} | changed

    def sms(self, **changed: Any) -> dict[str, Any]:
        body = {"to": "{phone}", "text": "{text}"}
        template = {"url": f"{self.receiver.url}/send", "headers": {"X-Api-Key": "{secret}"}, "body": body}
        return {"kind": "gateway", "name": "SMS", "secret": "k3y-of-the-gateway", "template": template} | changed

    async def put(self, code: str, body: dict[str, Any], who: str = "admin") -> tuple[int, Any]:
        return await self.centre.ask("PUT", f"{BASE}/{code}", body, who)

    async def tried(self, code: str, **body: Any) -> dict[str, Any]:
        status, answer = await self.centre.post(f"{BASE}/{code}/try", body)
        assert status == 200, answer
        found: dict[str, Any] = answer
        return found


@pytest.fixture
async def world(migrated: Fresh, tmp_path: Path) -> AsyncIterator[World]:
    async with receiving() as receiver, mailing() as office, Outbound.open(HERE) as outbound:
        receiver.judge = lambda asked: verified(asked) if "webhook-id" in asked.headers else 200
        settings = Settings(
            smtp_url=f"smtp+plain://127.0.0.1:{office.port}", smtp_sender="IOC <ioc@example.gov.vn>",
            public_url="https://ioc.test", state_dir=str(tmp_path / "state"),
        )  # fmt: skip
        async with (
            Database.open(migrated.url("ioc_app"), size=2) as database,
            channels_of(settings, outbound, database, now) as channels,
            running_centre(migrated.url, tmp_path, {"channels": channels}) as centre,
        ):
            yield World(centre, receiver, office)


async def everything(world: World) -> str:
    """All that is told of endpoints: answers, and the audit trail."""
    told = [await world.centre.get(BASE), await world.centre.get("/api/v1/audit?limit=100")]
    rows = await world.centre.owner.fetch("select * from audit")
    return json.dumps([one[1] for one in told]) + str([tuple(row) for row in rows])


async def test_an_endpoint_is_made_read_and_changed_and_its_secret_never_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    status, made = await world.put("so-nnmt", world.hook())
    assert status == 201, made
    assert (made["version"], made["has_secret"], made["centre"], made["changed_by"]) == (1, True, "quang-nam", "admin")
    status, read, headers = await world.centre.get(f"{BASE}/so-nnmt")
    assert (status, read) == (200, made)
    assert headers["Cache-Control"] == "no-store"
    status, changed = await world.put("so-nnmt", world.hook(name="Sở", secret=NEW, expected_version=1))
    assert (status, changed["version"], changed["name"]) == (200, 2, "Sở")
    assert changed["old_secret_until"] is not None
    status, kept = await world.put("so-nnmt", world.hook(secret=None, enabled=False, expected_version=2))
    assert (status, kept["has_secret"], kept["enabled"]) == (200, True, False)
    told = await everything(world) + caplog.text
    assert "endpoint.change" in told
    assert "endpoint.create" in told
    assert SECRET not in told
    assert NEW not in told
    assert "/hook" not in str(await world.centre.owner.fetch("select before, after from audit"))


async def test_nothing_is_overwritten_that_was_not_seen(world: World) -> None:
    await world.put("so-nnmt", world.hook())
    for version in (0, 2):
        status, answer = await world.put("so-nnmt", world.hook(name="x", expected_version=version))
        assert (status, answer["code"]) == (409, "stale-endpoint")
        assert answer["current"]["name"] == "Sở NNMT"
        assert SECRET not in str(answer)
    assert (await world.put("none", world.hook(expected_version=1)))[0] == 404


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"secret": "hunter2-hunter2"}, "secret"), ({"secret": None}, "secret"), ({"address": "ftp://x/"}, "address"),
        ({"kind": "mail", "address": "nobody", "secret": None}, "address"), ({"kind": "gateway"}, "template"),
    ],
)  # fmt: skip
async def test_what_cannot_be_used_is_named_and_not_kept(world: World, changed: dict[str, Any], name: str) -> None:
    status, answer = await world.put("so-nnmt", world.hook(**changed))
    assert (status, answer["code"]) == (422, "endpoint-wrong")
    assert name in answer["title"]
    assert "hunter2" not in str(answer)
    assert (await world.centre.get(f"{BASE}/so-nnmt"))[0] == 404


@pytest.mark.parametrize("who", ["operator", "district", "viewer"])
async def test_only_who_manages_messages_manages_endpoints(world: World, who: str) -> None:
    await world.put("so-nnmt", world.hook())
    assert (await world.centre.get(BASE, who))[0] == 403
    assert (await world.centre.get(f"{BASE}/so-nnmt", who))[0] == 403
    assert (await world.put("other", world.hook(), who))[0] == 403
    assert (await world.centre.post(f"{BASE}/so-nnmt/try", {}, who))[0] == 403
    assert world.receiver.came == 0


@pytest.mark.parametrize("code", ["A", "a b", "-a", "a" * 64])
async def test_a_code_is_a_plain_word(world: World, code: str) -> None:
    status, answer = await world.put(code, world.hook())
    assert (status, answer["code"]) == (400, "bad-value")
    assert (await world.centre.get(f"{BASE}/{code}"))[0] == 404


async def test_a_gateway_s_secret_cannot_be_sent_elsewhere(world: World) -> None:
    """Who may change the template but does not know the secret would otherwise have it sent to himself."""
    await world.put("sms", world.sms())
    body = {"to": "{phone}", "text": "{secret}"}
    for template in (world.sms()["template"] | {"body": body}, world.sms()["template"] | {"url": "https://evil.test/"}):
        status, answer = await world.put("sms", world.sms(secret=None, template=template, expected_version=1))
        assert (status, answer["code"]) == (422, "secret-again")
    status, _ = await world.put("sms", world.sms(secret=None, name="Tổng đài", expected_version=1))
    assert status == 200
    status, _ = await world.put("sms", world.sms(kind="webhook", template=None, secret=None, expected_version=2))
    assert status == 422, "nor does it become the secret of something else"


async def test_a_test_message_is_sent_and_what_happened_is_said(world: World) -> None:
    await world.put("so-nnmt", world.hook(enabled=False))
    answer = await world.tried("so-nnmt")
    assert (answer["outcome"], answer["words"], answer["reason"]) == ("told", "Đã gửi, bên nhận đã nhận.", "")
    (asked,) = world.receiver.taken
    assert event_of(asked)["data"]["subject"] == "Tin thử"
    world.receiver.fails = lambda number: "503"
    answer = await world.tried("so-nnmt")
    assert (answer["outcome"], answer["reason"]) == ("again", "the receiver answered 503")
    world.receiver.fails = lambda number: "410"
    assert (await world.tried("so-nnmt"))["outcome"] == "refused"
    acts = [row["act"] for row in await world.centre.owner.fetch("select act from audit where kind = 'endpoint'")]
    assert acts.count("endpoint.try") == 3


async def test_a_mailing_list_and_a_gateway_are_tried_too(world: World) -> None:
    await world.put("list", {"kind": "mail", "name": "Phòng", "address": "to@example.vn"})
    assert (await world.tried("list"))["outcome"] == "accepted"
    assert world.office.mailed[0].to == "to@example.vn"
    await world.put("sms", world.sms())
    answer = await world.tried("sms")
    assert (answer["outcome"], "+84901234567" in answer["reason"]) == ("refused", True)
    assert (await world.tried("sms", to=PHONE))["outcome"] == "accepted"
    (asked,) = world.receiver.taken
    assert asked.headers["x-api-key"] == "k3y-of-the-gateway"
    assert json.loads(asked.body)["to"] == PHONE


@pytest.mark.parametrize("address", ["http://169.254.169.254/x", "http://10.99.0.1/", "http://[::1]:80/"])
async def test_an_endpoint_that_leads_where_nobody_may_call_is_refused_when_tried(world: World, address: str) -> None:
    await world.put("so-nnmt", world.hook(address=address))
    answer = await world.tried("so-nnmt")
    assert answer["outcome"] == "refused"
    assert "IOC_OUTBOUND" in answer["reason"]


async def test_the_same_request_again_is_carried_out_once(world: World) -> None:
    keys = {"Idempotency-Key": "k1"}
    first = await world.centre.ask("PUT", f"{BASE}/so-nnmt", world.hook(), **keys)
    assert await world.centre.ask("PUT", f"{BASE}/so-nnmt", world.hook(), **keys) == first
    assert first[0] == 201


async def test_without_channels_nothing_is_sent(migrated: Fresh, tmp_path: Path) -> None:
    async with running_centre(migrated.url, tmp_path) as centre:
        body = {"kind": "mail", "name": "n", "address": "to@example.vn"}
        assert (await centre.ask("PUT", f"{BASE}/list", body))[0] == 201
        status, answer = await centre.post(f"{BASE}/list/try", {})
        assert (status, answer["outcome"]) == (200, "refused")


async def test_who_manages_one_centre_is_told_nothing_of_the_others(world: World) -> None:
    """Not by an endpoint of another centre's unit, nor by what all the province's people and citizens are told by."""
    await world.centre.owner.execute("update accounts set centre = 'hoi-an' where login = 'admin'")
    assert (await world.put("ours", world.hook(unit="hoi-an")))[0] == 201
    assert (await world.put("nobodys", world.hook(unit="")))[0] == 201
    for code, body in (
        ("theirs", world.hook(unit="tam-ky")),
        ("unknown", world.hook(unit="not-yet")),
        ("1022", world.hook(kind="channel", unit="")),
        ("sms", world.sms()),
        ("zalo", world.sms()),
    ):
        status, problem = await world.put(code, body)
        assert (status, problem["code"]) == (403, "endpoint-place"), code
    taken = world.hook(unit="tam-ky", expected_version=1)
    assert (await world.put("ours", taken))[0] == 403
