"""Where the next page begins, as a text."""

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.layers import INCIDENTS, LAYERS, OBSERVATIONS_LATEST, TICKETS
from ioc.api.paging import mark, place
from ioc.api.problems import ProblemError
from ioc.store.layers import Wanted

NOW = dt.datetime(2026, 11, 22, 1, 2, 3, 456_789, tzinfo=dt.UTC)
KEY = uuid.UUID(int=7)


def test_a_mark_reads_back() -> None:
    plain = Wanted()
    assert place(OBSERVATIONS_LATEST, plain, mark(plain, ("gauge-một", "p"))) == ("gauge-một", "p")
    wanted = Wanted(order=(("severity", True), ("opened_at", False), ("cleared", False)))
    at = (2, NOW, None, KEY)
    assert place(INCIDENTS, wanted, mark(wanted, at)) == at
    wanted = Wanted(order=(("rest_s", False), ("parent", False), ("number", True), ("unit", False)))
    at = (0.1, KEY, 9, None, KEY)
    assert place(TICKETS, wanted, mark(wanted, at)) == at


@given(st.text() | st.binary().map(lambda body: __import__("base64").urlsafe_b64encode(body).decode()))
def test_any_text_is_a_mark_or_a_problem(text: str) -> None:
    for layer in LAYERS.values():
        try:
            assert len(place(layer, Wanted(), text)) == len(layer.key)
        except ProblemError:
            continue


def test_a_mark_of_another_layer_or_order_is_none() -> None:
    rising, falling = Wanted(order=(("title", False),)), Wanted(order=(("title", True),))
    by_rank = Wanted(order=(("severity", True),))
    for layer, wanted, text in (
        (INCIDENTS, Wanted(), mark(Wanted(), ("gauge-one",))),
        (INCIDENTS, Wanted(), mark(Wanted(), (None,))),
        (INCIDENTS, rising, mark(falling, ("x", KEY))),
        (INCIDENTS, rising, mark(Wanted(), ("x", KEY))),
        (INCIDENTS, rising, mark(rising, (7, KEY))),
        (INCIDENTS, rising, mark(rising, ("\0", KEY))),
        (INCIDENTS, rising, "A" * 10_000),
        (INCIDENTS, by_rank, mark(by_rank, (1 << 40, KEY))),
        (INCIDENTS, by_rank, mark(by_rank, (-1, KEY))),
    ):
        with pytest.raises(ProblemError):
            place(layer, wanted, text)
