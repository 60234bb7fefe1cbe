"""Mail through a real server: how it is reached, what each of its answers means, and what is told again."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ioc.outbound import Allowed, Outbound
from ioc.tell import mail
from ioc.tell.channel import Accepted, Again, Channel, Refused
from ioc.tell.mail import Mail
from ioc.tell.mail_server import MailServer, Sender
from tests.contract.test_channel import MESSAGE
from tests.fakes.post_office import PostOffice, mailing
from tests.fakes.soc import Papers, papers

SENDER = Sender("IOC Quảng Nam", "ioc@example.gov.vn")
HERE = Allowed.parse("127.0.0.0/8")
LAN = "lan@example.vn"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return papers(tmp_path_factory.mktemp("papers"))


async def here(host: str, port: int) -> Sequence[str]:
    """Every name is this machine."""
    return ["127.0.0.1"]


@asynccontextmanager
async def channel(
    office: PostOffice, scheme: str = "smtp+plain", host: str = "localhost", ca: str = "", allowed: Allowed = HERE,
    account: str = "", **options: Any,
) -> AsyncIterator[Mail]:  # fmt: skip
    server = MailServer.parse(f"{scheme}://{account}{host}:{office.port}")
    async with (
        Outbound.open(allowed, resolve=here) as outbound,
        Mail.open(outbound, server, SENDER, ca=ca, **options) as opened,
    ):
        _: Channel = opened
        yield opened


async def test_vietnamese_arrives_under_the_message_s_id() -> None:
    async with mailing() as office, channel(office, links="https://ioc.test") as opened:
        outcome = await opened.send(MESSAGE, LAN)
    assert outcome == Accepted(reference="2.0.0 taken as Q1")
    (one,) = office.mailed
    assert (one.id, one.to, one.subject) == (MESSAGE.id, LAN, MESSAGE.subject)
    assert one.text.startswith(MESSAGE.text)
    assert one.text.endswith("\n\nhttps://ioc.test/inbox\n")


@pytest.mark.parametrize(("way", "scheme"), [("tls", "smtps"), ("starttls", "smtp")])
async def test_an_account_goes_over_tls_alone(made: Papers, way: str, scheme: str) -> None:
    async with (
        mailing(way, made, account=("ioc", "hunter2")) as office,
        channel(office, scheme, ca=made.ca, account="ioc:hunter2@") as opened,
    ):
        assert isinstance(await opened.send(MESSAGE, LAN), Accepted)
    assert len(office.mailed) == 1


@pytest.mark.parametrize(("way", "scheme"), [("tls", "smtps"), ("starttls", "smtp")])
@pytest.mark.parametrize("wrong", ["name", "authority"])
async def test_a_server_with_wrong_papers_hears_nothing(made: Papers, way: str, scheme: str, wrong: str) -> None:
    host, ca = ("mail.test", made.ca) if wrong == "name" else ("localhost", "")
    async with mailing(way, made) as office, channel(office, scheme, host=host, ca=ca) as opened:
        outcome = await opened.send(MESSAGE, LAN)
    assert isinstance(outcome, Again)
    assert "certificate is not trusted" in outcome.reason
    assert office.mailed == []


async def test_a_wrong_password_is_somebody_s_to_mend_and_never_repeated(made: Papers) -> None:
    async with (
        mailing("starttls", made, account=("ioc", "hunter2")) as office,
        channel(office, "smtp", ca=made.ca, account="ioc:hunter3@") as opened,
    ):
        outcome = await opened.send(MESSAGE, LAN)
    assert isinstance(outcome, Again)
    assert "IOC_SMTP_URL" in outcome.reason
    assert "hunter" not in outcome.reason


async def test_without_starttls_nothing_is_said() -> None:
    async with mailing() as office, channel(office, "smtp") as opened:
        outcome = await opened.send(MESSAGE, LAN)
    assert isinstance(outcome, Again)
    assert "no STARTTLS" in outcome.reason
    assert office.mailed == []


@pytest.mark.parametrize(
    ("fate", "kind", "word"),
    [
        ("rcpt 450", Again, "recipient now (450)"), ("rcpt 550", Refused, "recipient for good (550)"),
        ("rcpt 552", Again, "recipient now (552)"), ("data 452", Again, "message now (452)"),
        ("data 554", Refused, "message for good (554)"), ("421", Again, "broke off (421)"),
        ("cut at rcpt", Again, "before it took"), ("cut in data", Again, "is not known"),
        ("cut after data", Again, "is not known"), ("slow", Accepted, ""),
    ],
)  # fmt: skip
async def test_what_each_answer_means(fate: str, kind: type, word: str) -> None:
    fates = [fate, ""]
    async with mailing(fails=lambda to: fates.pop(0)) as office, channel(office) as opened:
        outcome = await opened.send(MESSAGE, LAN)
        assert isinstance(outcome, kind), outcome
        assert word in getattr(outcome, "reason", "")
        assert LAN not in str(outcome)
        assert fates == [""]
        other = msgspec.structs.replace(MESSAGE, id="next")
        after = await opened.send(other, LAN) if fate != "slow" else None
        assert after is None or isinstance(after, Accepted), "the next message is not harmed"
    taken = [one.id for one in office.mailed]
    assert taken.count(MESSAGE.id) == (fate in ("cut after data", "slow"))


async def test_what_may_have_been_taken_is_sent_again_under_the_same_id() -> None:
    fates = ["cut after data", ""]
    async with mailing(fails=lambda to: fates.pop(0)) as office, channel(office) as opened:
        assert isinstance(await opened.send(MESSAGE, LAN), Again)
        assert isinstance(await opened.send(MESSAGE, LAN), Accepted)
    first, second = office.mailed
    assert first.raw == second.raw


@pytest.mark.parametrize("fate", ["hang at rcpt", "hang after data"])
async def test_a_server_that_says_nothing_is_left_in_time(fate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "COMMAND_S", 0.2)
    async with mailing(fails=lambda to: fate) as office, channel(office) as opened:
        outcome = await opened.send(MESSAGE, LAN)
    assert isinstance(outcome, Again)
    assert "in time" in outcome.reason
    assert ("not known" in outcome.reason) == (fate == "hang after data")


async def test_a_server_that_never_ends_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "SEND_S", 0.2)
    async with mailing(fails=lambda to: "hang at rcpt") as office, channel(office) as opened:
        outcome = await opened.send(MESSAGE, LAN)
    assert isinstance(outcome, Again)
    assert "longer than" in outcome.reason


async def test_many_messages_share_few_connections() -> None:
    async with mailing() as office, channel(office) as opened, asyncio.TaskGroup() as tasks:
        for number in range(50):
            one = msgspec.structs.replace(MESSAGE, id=f"m{number}")
            tasks.create_task(opened.send(one, LAN), name="send")
    assert {one.id for one in office.mailed} == {f"m{number}" for number in range(50)}
    assert len(office.mailed) == 50
    assert office.connections <= mail.AT_ONCE


async def test_a_connection_that_was_cut_while_it_was_idle_costs_nothing() -> None:
    async with mailing() as office, channel(office) as opened:
        assert isinstance(await opened.send(MESSAGE, LAN), Accepted)
        office.leave()
        assert isinstance(await opened.send(msgspec.structs.replace(MESSAGE, id="b"), LAN), Accepted)
    assert [one.id for one in office.mailed] == [MESSAGE.id, "b"]
    assert office.connections == 2


async def test_an_idle_connection_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "IDLE_S", 0.05)
    async with mailing() as office, channel(office) as opened:
        await opened.send(MESSAGE, LAN)
        async with asyncio.timeout(5):
            while office.busy:
                await asyncio.sleep(0.01)


async def test_cancelled_it_lets_go_of_its_connection() -> None:
    async with mailing(fails=lambda to: "hang at rcpt") as office, channel(office) as opened:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await opened.send(MESSAGE, LAN)
        async with asyncio.timeout(5):
            while office.busy:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("allowed", "scheme", "word"),
    [
        ("10.0.0.0/8", "smtps", "IOC_OUTBOUND"),
        ("mail.example.vn", "smtp+plain", "IOC_OUTBOUND"),
        ("", "smtp", "IOC_OUTBOUND"),
    ],
)
async def test_a_server_that_may_not_be_called_is_not(allowed: str, scheme: str, word: str) -> None:
    async with mailing() as office, channel(office, scheme, allowed=Allowed.parse(allowed)) as opened:
        outcome = await opened.send(MESSAGE, LAN)
    assert isinstance(outcome, Again)
    assert word in outcome.reason
    assert office.connections == 0


async def test_without_tls_a_name_that_is_allowed_is_not_enough() -> None:
    """Plain text stays inside networks that are named as such."""
    resolved: list[str] = []

    async def elsewhere(host: str, port: int) -> Sequence[str]:
        resolved.append(host)
        return ["192.0.2.1"]

    async with Outbound.open(Allowed.parse("mail.example.vn"), resolve=elsewhere) as outbound:
        server = MailServer.parse("smtp+plain://mail.example.vn")
        async with Mail.open(outbound, server, SENDER) as opened:
            outcome = await opened.send(MESSAGE, LAN)
    assert isinstance(outcome, Again)
    assert "192.0.2.1 may not be called" in outcome.reason
    assert resolved == ["mail.example.vn"]


@pytest.mark.parametrize("address", ["", "lan", "a@b.vn\r\nRCPT TO:<x@y>", "a@b.vn,c@d.vn"])
async def test_what_is_no_mailbox_is_refused_before_anybody_is_called(address: str) -> None:
    async with mailing() as office, channel(office) as opened:
        assert isinstance(await opened.send(MESSAGE, address), Refused)
    assert office.connections == 0


async def test_an_authority_that_cannot_be_read_is_named(made: Papers, tmp_path: Path) -> None:
    async with mailing("tls", made) as office, channel(office, "smtps", ca=str(tmp_path / "none.pem")) as opened:
        outcome = await opened.send(MESSAGE, LAN)
    assert isinstance(outcome, Again)
    assert "IOC_SMTP_CA" in outcome.reason


@pytest.mark.parametrize(
    ("greeting", "word"),
    [(b"554 5.3.2 not today\r\n", "now (554)"), (b"", "gave no session"), (b"HTTP/1.1 400 Bad\r\n\r\n", "talk now")],
)
async def test_a_server_that_does_not_want_to_talk_is_tried_again(greeting: bytes, word: str) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    office = PostOffice()
    office.port = server.sockets[0].getsockname()[1]
    async with server, channel(office) as opened:
        outcome = await opened.send(MESSAGE, LAN)
    assert isinstance(outcome, Again), outcome
    assert word in outcome.reason


async def test_nobody_listens() -> None:
    async with mailing() as office:
        pass
    async with channel(office) as opened:
        outcome = await opened.send(MESSAGE, LAN)
    assert isinstance(outcome, Again)
    assert "cannot be reached" in outcome.reason


def test_old_tls_is_not_spoken(made: Papers) -> None:
    one = Mail(None, MailServer.parse("smtps://x"), SENDER, made.ca, "")  # type: ignore[arg-type]
    assert one._tls().minimum_version == ssl.TLSVersion.TLSv1_2
    assert one._tls().check_hostname
    assert one._tls().verify_mode == ssl.CERT_REQUIRED
