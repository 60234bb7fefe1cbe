"""What somebody is to be told, before it is decided how and when."""

import datetime as dt
from typing import get_args

from ioc.tell.notification import Notification, Topic


def test_a_notification_is_known_by_its_key_and_whom_it_is_for() -> None:
    one = Notification(
        key="k", to="lan", topic="ticket", group="g", severity="minor", title="t", title_en="t", centre="c", area="a",
        at=dt.datetime(2026, 11, 26, tzinfo=dt.UTC),
    )  # fmt: skip
    assert (one.key, one.to, one.ticket, one.link) == ("k", "lan", None, "")


def test_the_topics_are_five() -> None:
    assert get_args(Topic) == ("ticket", "escalation", "reminder", "incident", "trouble")
