"""The messages that channels carry; what a channel has to do is asked in tests/contract/test_channel.py."""

import msgspec
import pytest

from ioc.tell.channel import Accepted, Again, Channel, Outcome, Refused, Told
from tests.contract.test_channel import MESSAGE
from tests.fakes.notebook import Notebook


def test_a_message_cannot_be_changed_on_its_way() -> None:
    with pytest.raises(AttributeError):
        MESSAGE.text = "other"  # type: ignore[misc]


def test_an_outcome_is_one_of_four() -> None:
    outcomes: list[Outcome] = [Told(), Accepted(reference="q"), Again(reason="r"), Refused(reason="r")]
    assert [type(one).__name__ for one in outcomes] == ["Told", "Accepted", "Again", "Refused"]


def test_a_message_can_be_written_and_read() -> None:
    assert msgspec.json.decode(msgspec.json.encode(MESSAGE), type=type(MESSAGE)) == MESSAGE


async def test_the_notebook_is_a_channel_that_can_lose_the_answer() -> None:
    book = Notebook()
    channel: Channel = book
    book.lost = True
    assert isinstance(await channel.send(MESSAGE, "lan"), Again)
    assert book.pages == [("lan", MESSAGE)]
