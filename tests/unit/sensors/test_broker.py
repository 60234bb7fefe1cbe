"""What the adapters to the broker share."""

import pytest

from sensors.broker import (
    KEEPALIVE_S,
    RECEIVE_MAXIMUM,
    SESSION_EXPIRY_S,
    Backoff,
    Login,
    Session,
    TakenOverError,
    next_session,
)
from sensors.intake import BATCH

LOGIN = Login(host="h", port=1, user="u", password="hunter2", client_id="c")


def test_a_login_shows_who_and_where_and_no_password() -> None:
    assert repr(LOGIN) == "Login(u@h:1)"
    assert "hunter2" not in str(TakenOverError(LOGIN))


def test_a_session_lasts_a_week_and_lets_several_batches_be_on_their_way() -> None:
    asked = Session()
    assert asked.expiry_s == SESSION_EXPIRY_S == 7 * 24 * 3600
    assert asked.receive_maximum == RECEIVE_MAXIMUM >= 2 * BATCH
    assert asked.keepalive_s == KEEPALIVE_S


@pytest.mark.parametrize(("chance", "waits"), [(1.0, [1, 2, 4, 5, 5]), (0.0, [0.5, 1, 2, 2.5, 2.5])])
def test_waits_double_up_to_the_longest_and_chance_takes_at_most_half(chance: float, waits: list[float]) -> None:
    backoff = Backoff(1, 5, lambda: chance)
    assert [backoff.next_s() for _ in waits] == waits
    backoff.reset()
    assert backoff.next_s() == waits[0]


def test_no_two_connections_have_the_same_number() -> None:
    assert len({next_session() for _ in range(100)}) == 100
