"""The wall clock; everybody else is handed `now`."""

import datetime as dt


def now() -> dt.datetime:
    """The moment, in UTC."""
    return dt.datetime.now(dt.UTC)
