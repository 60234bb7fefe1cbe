"""The teller with a real PostgreSQL: who is told what, when, by which channel, and what becomes of it."""

import datetime as dt
import uuid

import asyncpg
import pytest

from ioc.access.scope import Thing
from ioc.store.database import Database
from ioc.tell.channel import Accepted, Again, Refused, Told
from ioc.tell.grouping import CHANGES, FIRST, MOST_ITEMS, REPEAT
from ioc.tell.order import Patience
from ioc.tell.wording import EVERYTHING
from tests.fakes.scoped_rows import incident_row, insert
from tests.fakes.store import counted
from tests.fakes.telling import AT, notification
from tests.fakes.told_office import MAIL, SMS, Office

MINUTE = dt.timedelta(minutes=1)
RECEIPT = Patience().receipt


@pytest.fixture
async def office(database: Database, admin: asyncpg.Connection) -> Office:
    return Office(database, admin)


async def test_the_first_is_told_after_half_a_minute_and_changes_after_five(office: Office) -> None:
    await office.person("lan", MAIL)
    await office.enqueue(notification(group="a", title="Một"), notification(group="a", title="Hai"))
    await office.work(FIRST - dt.timedelta(seconds=1))
    assert office.mail.pages == []
    await office.work(dt.timedelta(seconds=1))
    [(address, message)] = office.mail.pages
    assert (address, message.recipient, [item.title for item in message.items]) == (
        "lan@example.vn",
        "lan",
        ["Hai", "Một"],
    )
    await office.enqueue(notification(group="a", at=office.at))
    await office.work(CHANGES - dt.timedelta(seconds=1))
    assert len(office.mail.pages) == 1
    await office.work(dt.timedelta(seconds=1))
    assert len(office.mail.pages) == 2
    assert {row["state"] for row in await office.messages()} == {"told"}


async def test_what_is_due_at_once_for_one_person_is_one_message_with_a_limit(office: Office) -> None:
    await office.person("lan", MAIL)
    await office.person("mai", MAIL | {"address": "mai@example.vn"})
    many = [notification() for _ in range(MOST_ITEMS + 4)]
    await office.enqueue(*many, notification(topic="escalation", title="Không ai nhận"), notification("mai"))
    await office.work()
    assert [message.subject for _, message in office.mail.pages] == ["Không ai nhận"]
    await office.enqueue(notification(severity="extreme", title="Vỡ đê", at=AT + FIRST))
    await office.work(FIRST)
    by = dict(office.mail.pages[1:])
    whole = by["lan@example.vn"]
    assert (len(office.mail.pages), len(whole.items), whole.more) == (3, MOST_ITEMS, 5)
    assert (whole.items[0].title, whole.link, whole.severity) == ("Vỡ đê", EVERYTHING, "extreme")
    assert by["mai@example.vn"].more == 0


async def test_quiet_hours_hold_what_is_not_extreme_until_their_end(office: Office, admin: asyncpg.Connection) -> None:
    await office.person("lan", MAIL, quiet=(dt.time(9), dt.time(12)))  # it is ten o'clock there
    await office.tell(notification(severity="severe", topic="escalation"), notification())
    assert office.mail.pages == []
    assert await counted(admin, "notifications") == 2  # in the page all the time
    await office.enqueue(notification(severity="extreme", at=office.at))
    await office.work()
    assert [message.severity for _, message in office.mail.pages] == ["extreme"]
    await office.work(AT + dt.timedelta(hours=2) - office.at)
    assert [len(message.items) for _, message in office.mail.pages] == [1, 2]


async def test_the_next_channel_is_not_tried_in_quiet_hours(office: Office) -> None:
    await office.person("lan", MAIL, SMS, quiet=(dt.time(10, 5), dt.time(11)))
    office.mail.answer = lambda message, address: Accepted()
    await office.tell(notification(severity="severe"))
    await office.work(RECEIPT)
    assert office.sms.pages == []
    await office.work(dt.timedelta(minutes=50))
    assert len(office.sms.pages) == 1


async def test_what_is_serious_goes_on_without_a_receipt_and_stops_when_it_is_told(office: Office) -> None:
    await office.person("lan", MAIL, SMS)
    office.mail.answer = lambda message, address: Accepted(reference="queue-7")
    await office.tell(notification(severity="severe"))
    assert (await office.message())["state"] == "waiting"
    await office.work(RECEIPT)
    assert (len(office.mail.pages), len(office.sms.pages)) == (1, 1)
    assert office.mail.pages[0][1].id == office.sms.pages[0][1].id
    row = await office.message()
    assert (row["state"], row["told_by"]) == ("told", "sms")
    sent = await office.admin.fetch("select channel, outcome, reference from deliveries order by id")
    assert [tuple(one) for one in sent] == [("mail", "accepted", "queue-7"), ("sms", "told", "")]


async def test_a_channel_that_fails_is_tried_again_then_the_next_then_a_dead_letter(office: Office) -> None:
    await office.person("lan", MAIL, SMS)
    office.mail.answer = lambda message, address: Again(reason="the server is busy")
    office.sms.answer = lambda message, address: Refused(reason="no such number")
    await office.tell(notification())
    for _ in range(40):
        await office.work(dt.timedelta(minutes=20))
    row = await office.message()
    assert (row["state"], row["reason"]) == ("dead", "sms: no such number")
    assert (office.mail.asked, office.sms.asked) == (Patience().tries, 1)
    assert await counted(office.admin, "deliveries") == Patience().tries + 1


async def test_somebody_without_contacts_has_the_page_and_what_is_serious_must_be_read(office: Office) -> None:
    await office.person("lan")
    await office.tell(notification(severity="moderate"), notification(severity="moderate"))
    assert (await office.message())["told_by"] == "page"
    await office.tell(notification(severity="severe", at=office.at))
    await office.work(RECEIPT)
    assert [row["state"] for row in await office.messages()] == ["told", "dead"]


async def test_nobody_and_the_disabled_are_dead_letters_at_once(office: Office) -> None:
    await office.person("old", MAIL, disabled_at=AT)
    await office.tell(notification("nobody"), notification("old"))
    assert [(row["state"], "no account" in row["reason"]) for row in await office.messages()] == [("dead", True)] * 2
    assert office.mail.pages == []


async def test_an_endpoint_is_told_by_its_own_channel(office: Office) -> None:
    await office.tell(notification("@so-giao-thong"))
    assert [(address, message.recipient) for address, message in office.mail.pages] == [
        ("so-giao-thong", "@so-giao-thong")
    ]


async def test_a_channel_that_is_not_here_is_passed_over_and_one_that_goes_is_left(office: Office) -> None:
    await office.person("lan", {"channel": "zalo", "address": "+84905000111"}, MAIL, SMS)
    office.mail.answer = lambda message, address: Again(reason="busy")
    await office.tell(notification())
    assert office.mail.asked == 1
    office.hire(channels=("sms",))
    await office.work(MINUTE)
    assert ((await office.message())["told_by"], len(office.sms.pages)) == ("sms", 1)


async def test_it_is_told_again_while_it_is_open(office: Office, admin: asyncpg.Connection) -> None:
    await office.person("lan", MAIL)
    incident = await _incident(admin)
    await office.tell(notification(incident=incident, title="Ngập"), notification(title="Khác"))
    await office.work(REPEAT)
    again = office.mail.pages[-1][1]
    assert (len(office.mail.pages), again.subject) == (2, "Vẫn chưa xong: Ngập")
    await admin.execute("update incidents set status = 'closed'")
    await office.work(REPEAT)
    await office.work(REPEAT)
    assert len(office.mail.pages) == 2


async def _incident(admin: asyncpg.Connection) -> str:
    id_ = uuid.uuid4()
    await insert(admin, "incidents", incident_row(id_, Thing("incident", "quang-nam", "20335@2025-07-01"), AT))
    return str(id_)


async def test_a_clock_that_is_set_back_makes_nobody_wait_longer(office: Office) -> None:
    await office.person("lan", MAIL)
    office.mail.answer = lambda message, address: Again(reason="busy")
    await office.tell(notification())
    office.mail.answer = lambda message, address: Told()
    await office.enqueue(notification(at=office.at))
    await office.work()
    await office.work(-dt.timedelta(days=1))
    await office.work(MINUTE)
    assert len(office.mail.pages) == 2


async def test_a_channel_that_breaks_by_a_mistake_of_ours_is_tried_again(office: Office) -> None:
    await office.person("lan", MAIL)

    def broken(message: object, address: str) -> Told:
        raise RuntimeError("lan@example.vn")

    office.mail.answer = broken
    await office.tell(notification())
    row = await office.message()
    assert (row["state"], row["tries"], "example.vn" in row["reason"]) == ("due", 1, False)
