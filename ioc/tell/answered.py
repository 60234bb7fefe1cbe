"""What an answer over HTTP, or its absence, means for a message (RFC 9110, 15): told, again, or never."""

import datetime as dt
from email.utils import parsedate_to_datetime

from ioc.outbound import Answer, OutboundError
from ioc.tell.channel import Again, Outcome, Refused, Told

LONGEST_WAIT = dt.timedelta(hours=6)
"""A receiver that wants to be left alone for longer is asked again after this."""

_AGAIN = frozenset({408, 425, 429})
"""Refusals of the moment among those of the request: too slow, too early, too many."""

_FOR_GOOD = frozenset({"not_allowed", "address", "redirect"})
"""Calls that come to nothing until somebody changes an address or a setting."""


def outcome_of(answer: Answer, now: dt.datetime) -> Outcome:
    """2xx told; 408, 425, 429 and 5xx again, when Retry-After says; everything else never."""
    status = answer.status
    if 200 <= status < 300:
        return Told()
    if status in _AGAIN or status >= 500:
        return Again(reason=f"the receiver answered {status}", retry_after=retry_after(answer, now))
    if status == 410:
        return Refused(reason="the receiver answered 410: this address is gone for good")
    return Refused(reason=f"the receiver answered {status}, which trying again does not mend")


def retry_after(answer: Answer, now: dt.datetime) -> dt.timedelta | None:
    """How long a receiver asks to wait, in seconds or until a date (RFC 9110, 10.2.3); None when it does not."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(dt.timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return min(max(moment - now, dt.timedelta()), LONGEST_WAIT)


def failed(error: OutboundError) -> Outcome:
    """What a call means that was not made or came to nothing; a timeout leaves open whether it was heard."""
    if error.code in _FOR_GOOD:
        return Refused(reason=str(error))
    return Again(reason=str(error))
