"""A message on its way from channel to channel."""

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ioc.tell import order
from ioc.tell.channel import Accepted, Again, Outcome, Refused, Told
from ioc.tell.order import Hop, Patience, Standing
from tests.fakes.telling import AT

P = Patience()
MAIL, SMS = Hop("mail", "lan@example.vn"), Hop("sms", "+84905000111")


def begun(severity: str = "moderate", *route: Hop) -> Standing:
    return order.begun(severity, route, AT, P)


def after(standing: Standing, *outcomes: Outcome) -> Standing:
    for one in outcomes:
        standing = order.after(standing, one, AT, 0.5, P)
    return standing


def test_without_a_channel_the_page_is_enough_unless_it_is_serious() -> None:
    assert (begun("moderate").state, begun("moderate").told_by) == ("told", "page")
    waits = begun("severe")
    assert (waits.state, waits.due_at) == ("waiting", AT + P.receipt)
    assert order.unconfirmed(waits, AT + P.receipt).state == "dead"
    assert order.unconfirmed(waits, AT) == waits
    assert order.read(waits).told_by == "page"


def test_a_channel_that_took_what_is_not_serious_has_told_it() -> None:
    for outcome in (Told(), Accepted()):
        found = after(begun("moderate", MAIL, SMS), outcome)
        assert (found.state, found.told_by, found.due_at) == ("told", "mail", None)


def test_what_is_serious_goes_on_when_no_receipt_comes() -> None:
    waits = after(begun("severe", MAIL, SMS), Accepted())
    assert (waits.state, waits.taken_by) == ("waiting", "mail")
    next_ = order.unconfirmed(waits, AT + P.receipt)
    assert (next_.state, next_.hop, next_.due_at) == ("due", SMS, AT + P.receipt)
    assert after(next_, Told()).told_by == "sms"


def test_behind_the_last_channel_the_one_that_took_it_counts() -> None:
    waits = after(begun("severe", MAIL), Accepted())
    found = order.unconfirmed(waits, AT + P.receipt)
    assert (found.state, found.told_by, found.reason) == ("told", "mail", order.UNCONFIRMED)


@pytest.mark.parametrize(("severity", "tries"), [("moderate", P.tries), ("severe", P.serious_tries)])
def test_the_next_channel_comes_when_the_tries_of_one_are_used_up(severity: str, tries: int) -> None:
    one = begun(severity, MAIL, SMS)
    for number in range(1, tries):
        one = after(one, Again(reason="busy"))
        assert (one.hop, one.tries) == (MAIL, number)
    one = after(one, Again(reason="busy"))
    assert (one.hop, one.tries, one.reason) == (SMS, 0, "mail: busy")
    for _ in range(P.last_tries):
        assert one.hop == SMS
        one = after(one, Again(reason="no signal"))
    assert (one.state, one.reason) == ("dead", "sms: no signal")


def test_a_refusal_goes_on_at_once() -> None:
    one = after(begun("minor", MAIL, SMS), Refused(reason="no such mailbox"))
    assert (one.hop, one.due_at) == (SMS, AT)
    assert after(one, Refused(reason="no such number")).state == "dead"


def test_a_receiver_says_when_to_come_again_within_reason() -> None:
    asked = after(begun("minor", MAIL), Again(reason="busy", retry_after=dt.timedelta(minutes=20)))
    assert asked.due_at == AT + dt.timedelta(minutes=20)
    never = after(begun("minor", MAIL), Again(reason="busy", retry_after=dt.timedelta(days=20)))
    assert never.due_at == AT + order.LONGEST_REST


@given(st.integers(1, 100), st.floats(0, 1, exclude_max=True))
def test_waits_grow_to_a_limit_and_are_spread(tries: int, chance: float) -> None:
    whole = min(P.longest_s, P.first_s * P.factor ** (tries - 1))
    assert whole / 2 <= P.wait(tries, chance).total_seconds() + 1e-6
    assert P.wait(tries, chance).total_seconds() <= whole


def test_a_receipt_tells_and_a_failure_goes_on() -> None:
    waits = after(begun("severe", SMS, MAIL), Accepted())
    assert order.receipt(waits, "sms", "delivered", AT).told_by == "sms"
    assert order.receipt(waits, "sms", "failed", AT).hop == MAIL
    counted = after(begun("minor", SMS, MAIL), Accepted())
    assert (order.receipt(counted, "sms", "failed", AT).state, order.receipt(counted, "sms", "failed", AT).hop) == (
        "due", MAIL,
    )  # fmt: skip
    alone = after(begun("minor", SMS), Accepted())
    assert order.receipt(alone, "sms", "failed", AT).state == "dead"
    gone_on = order.unconfirmed(waits, AT + P.receipt)
    assert order.receipt(gone_on, "sms", "failed", AT).hop == MAIL
    by_page = order.read(waits)
    assert order.receipt(by_page, "sms", "failed", AT) == by_page


def test_reading_makes_a_dead_letter_none() -> None:
    dead = after(begun("minor", MAIL), Refused(reason="no"))
    assert order.read(dead).state == "told"
    told = after(begun("minor", MAIL), Told())
    assert order.read(told) == told


class Way(RuleBasedStateMachine):
    """A message under any order of outcomes, receipts, stops and jumps of the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = AT
        self.one = begun()
        self.tries: list[tuple[int, int]] = []

    @initialize(
        severity=st.sampled_from(["minor", "moderate", "severe", "extreme"]),
        route=st.lists(st.sampled_from([MAIL, SMS, Hop("push", "lan"), Hop("zalo", "+84905000111")]), unique=True),
    )
    def start(self, severity: str, route: list[Hop]) -> None:
        self.one = order.begun(severity, tuple(route), self.now, P)

    @rule(
        outcome=st.sampled_from([Told(), Accepted(), Again(reason="r"), Refused(reason="r")]), chance=st.floats(0, 0.9)
    )
    @precondition(lambda self: self.one.state == "due")
    def sent(self, outcome: Outcome, chance: float) -> None:
        self.tries.append((self.one.place, self.one.tries))
        self.one = order.after(self.one, outcome, self.now, chance, P)

    @rule()
    @precondition(lambda self: self.one.state == "due")
    def stopped(self) -> None:
        self.one = msgspec.structs.replace(self.one, due_at=self.now, tries=self.one.tries + 1)

    @rule(seconds=st.integers(-86_400, 86_400))
    def clock(self, seconds: int) -> None:
        self.now += dt.timedelta(seconds=seconds)
        self.one = order.unconfirmed(self.one, self.now)

    @rule(said=st.sampled_from(["delivered", "read", "failed"]), channel=st.sampled_from(["mail", "sms", "push"]))
    def receipt(self, said: Any, channel: str) -> None:
        before = self.one
        self.one = order.receipt(before, channel, said, self.now)
        if before.state == "told" and said != "failed":
            assert self.one == before

    @rule()
    def read(self) -> None:
        self.one = order.read(self.one)
        assert self.one.state == "told"

    @invariant()
    def it_is_in_one_state_alone(self) -> None:
        one = self.one
        assert (one.due_at is None) == one.ended
        assert (one.told_by != "") == (one.state == "told")
        assert one.state != "due" or one.hop is not None
        assert one.state != "dead" or not one.taken_by

    def teardown(self) -> None:
        """Left alone, with every channel failing, it ends within so many steps."""
        for _ in range(len(self.one.route) * (P.last_tries + 2) + 2):
            if self.one.ended:
                break
            self.now = max(self.now, self.one.due_at or self.now)
            before = (self.one.place, self.one.state == "waiting", self.one.tries)
            if self.one.state == "due":
                self.one = order.after(self.one, Again(reason="r"), self.now, 0.0, P)
            else:
                self.one = order.unconfirmed(self.one, self.now)
            assert self.one.ended or before != (self.one.place, self.one.state == "waiting", self.one.tries)
        assert self.one.ended


TestWay = Way.TestCase
