"""What a phone is told: short, and nothing that is empty."""

import msgspec

from ioc.api.models_inbox import Inbox, Me
from ioc.store.inbox import Entry
from tests.fakes.things import NOW


def test_what_is_empty_is_left_out() -> None:
    entry = Entry(
        id="a", number=7, version=1, title="Nước", category="flood", severity="severe", state="new", unit="hoi-an",
        at=(108.3, 15.9),
    )  # fmt: skip
    me = Me(
        user="lan", name="Lan", role="district", centre="hoi-an", language="vi", timezone="Asia/Ho_Chi_Minh", until=NOW
    )
    told = msgspec.json.decode(msgspec.json.encode(Inbox(me=me, total=1, tickets=[entry])))
    assert set(told["tickets"][0]) == {
        "id", "number", "version", "title", "category", "severity", "state", "unit", "at",
    }  # fmt: skip
    assert told["me"]["until"].startswith(f"{NOW:%Y-%m-%d}")
