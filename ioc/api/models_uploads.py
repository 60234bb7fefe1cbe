"""What the routes of uploads take and give."""

import datetime as dt

import msgspec


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """An upload: `offset` bytes of `size` are safe. `whole`: it is a picture now, which a step may take; `refused` says
    why its content was not taken."""

    id: str
    size: int
    offset: int
    whole: bool
    refused: str
    taken: bool
    expires_at: dt.datetime
