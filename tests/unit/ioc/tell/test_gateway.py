"""Gateways at a real receiver: what they are asked, and what their answers mean."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest

from ioc.outbound import Allowed, Outbound
from ioc.tell import gateway as tell_gateway
from ioc.tell.channel import Accepted, Again, Refused
from ioc.tell.endpoint import Endpoint
from ioc.tell.gateway import Gateway, said
from ioc.tell.sms import segments
from ioc.tell.template import Good, Template
from tests.contract.test_channel import MESSAGE
from tests.fakes.hook_receiver import HookReceiver, receiving
from tests.fakes.stations import HERE, PHONE, gateway, now


@asynccontextmanager
async def asking(
    allowed: Allowed = HERE, links: str = "https://ioc.test", **changed: Any
) -> AsyncIterator[tuple[Gateway, HookReceiver]]:
    async with receiving() as receiver, Outbound.open(allowed) as outbound:
        receiver.answer = b'{"code": "100"}'
        made = gateway(receiver.url)
        if changed:
            assert made.template is not None
            made = msgspec.structs.replace(made, template=msgspec.structs.replace(made.template, **changed))

        async def current() -> Endpoint | None:
            return made

        yield Gateway(outbound, current, now, links=links), receiver


async def test_a_gateway_is_asked_as_its_template_says() -> None:
    async with asking() as (channel, receiver):
        assert await channel.send(MESSAGE, PHONE) == Accepted()
    (asked,) = receiver.taken
    assert (asked.method, asked.path, asked.headers["x-api-key"]) == ("POST", "/send", "k3y")
    body = json.loads(asked.body)
    assert (body["to"], body["ref"]) == (PHONE, MESSAGE.id)
    assert body["back"] == "https://ioc.test" + MESSAGE.receipt
    assert body["text"] == (
        "Phiếu 17: ngập đường Trần Phú Phiếu 17: ngập đường Trần Phú".partition(" Phiếu")[0]
        + " Nhận trước 08:32. Còn 2 việc khác. https://ioc.test/inbox"
    )


@pytest.mark.parametrize("text", ['","to":"+84999', "a&to=+84999", "x\r\n\r\nGET / HTTP/1.1", "{secret}", "\"'\\\0"])
@pytest.mark.parametrize("form", ["json", "form", "none"])
async def test_nothing_of_a_text_becomes_a_part_of_the_request(text: str, form: str) -> None:
    """As the receiver's own parsers read it."""
    changed: dict[str, Any] = {"format": form, "segments": 10}
    if form == "none":
        changed |= {"method": "GET", "body": None}
    async with asking(links="", **changed) as (channel, receiver):
        if form == "none":
            template = Template(method="GET", url=f"{receiver.url}/s?text={{text}}&to={{phone}}", format="none")
            made = msgspec.structs.replace(gateway(receiver.url), template=template)

            async def current() -> Endpoint | None:
                return made

            channel._current = current
        assert await channel.send(msgspec.structs.replace(MESSAGE, text=text), PHONE) == Accepted()
    (asked,) = receiver.taken
    told: dict[str, str] = (
        json.loads(asked.body) if form == "json"
        else dict(parse_qsl(asked.body.decode() if form == "form" else asked.query))
    )  # fmt: skip
    assert told["to"] == PHONE
    assert told["text"] == " ".join(text.split())
    assert "GET" not in asked.headers


@pytest.mark.parametrize(
    ("answer", "status", "kind"),
    [
        (b'{"code": "100"}', 200, Accepted), (b'{"code": 100}', 202, Accepted), (b'{"code": "104"}', 200, Refused),
        (b'{"code": "99"}', 200, Again), (b"no json", 200, Refused), (b'{"code": "100"}', 500, Again),
        (b'{"code": "100"}', 403, Refused), (b'{"code": "100"}', 206, Refused), (b'{"code": "100"}', 429, Again),
    ],
)  # fmt: skip
async def test_what_a_gateway_s_answer_means(answer: bytes, status: int, kind: type) -> None:
    good = Good(member="code", equals=("100",), again=("99",))
    async with asking(good=good) as (channel, receiver):
        receiver.answer, receiver.status = answer, status
        outcome = await channel.send(MESSAGE, PHONE)
    assert isinstance(outcome, kind), outcome
    assert PHONE not in str(outcome)


@pytest.mark.parametrize("fate", ["hang", "cut in the middle", "cut before the answer", "503", "garbage"])
async def test_a_gateway_that_fails_is_asked_again(fate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tell_gateway, "WITHIN_S", 0.3 if fate == "hang" else 5.0)
    async with asking() as (channel, receiver):
        receiver.fails = lambda number: fate if number == 1 else ""
        assert isinstance(await channel.send(MESSAGE, PHONE), Again)
        assert await channel.send(MESSAGE, PHONE) == Accepted()
    assert {json.loads(one.body)["ref"] for one in receiver.taken} == {MESSAGE.id}


@pytest.mark.parametrize("phone", ["", "0901234567", "+84", "+84901234567\r\n", "lan"])
async def test_a_number_that_is_none_is_refused(phone: str) -> None:
    async with asking() as (channel, receiver):
        assert isinstance(await channel.send(MESSAGE, phone), Refused)
    assert receiver.came == 0


async def test_without_a_gateway_it_is_tried_again_later() -> None:
    async def current() -> Endpoint | None:
        return None

    async with Outbound.open(HERE) as outbound:
        outcome = await Gateway(outbound, current, now).send(MESSAGE, PHONE)
    assert isinstance(outcome, Again)
    assert "no gateway" in outcome.reason


async def test_a_gateway_elsewhere_is_refused() -> None:
    async with asking(Allowed.parse("10.20.0.0/16")) as (channel, receiver):
        outcome = await channel.send(MESSAGE, PHONE)
    assert isinstance(outcome, Refused)
    assert "IOC_OUTBOUND" in outcome.reason
    assert receiver.came == 0


@pytest.mark.parametrize(("accents", "most"), [(True, 1), (True, 3), (False, 1), (False, 2)])
def test_a_text_is_fitted_and_its_link_stays_whole(accents: bool, most: int) -> None:
    template = Template(url="https://x.test/", segments=most, accents=accents)
    long = msgspec.structs.replace(MESSAGE, text="Ngập sâu trên đường Trần Phú, cần người ngay. " * 20)
    text = said(long, template, "https://ioc.test")
    assert segments(text) == most
    assert text.endswith(" https://ioc.test/inbox")
    assert ("ậ" in text) is accents
