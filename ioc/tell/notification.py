"""What somebody is to be told: the words and what they are about, before it is decided how and when."""

import datetime as dt
from typing import Literal

import msgspec

Topic = Literal["ticket", "escalation", "reminder", "incident", "trouble"]


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """One thing for one person (`to`, a login) or one endpoint of a unit (`to` = `@CODE`).

    `key` is what it is: a second one of the same key and `to` is the same and is not told again. What has the same
    `group` may be told together. `title` and `body` are Vietnamese and English texts without markup; `link` is a path
    of this server. `centre` and `area` say who may read the log of it. `at` is UTC.
    """

    key: str
    to: str
    topic: Topic
    group: str
    severity: str
    title: str
    title_en: str
    body: str = ""
    body_en: str = ""
    link: str = ""
    ticket: str | None = None
    incident: str | None = None
    centre: str
    area: str
    at: dt.datetime
