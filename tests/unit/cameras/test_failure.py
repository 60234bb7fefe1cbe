"""What people are told of a stream that cannot be opened."""

from cameras.failure import StreamError, UnansweredError
from cameras.health import State


def test_a_failure_is_named_by_its_state_unless_it_has_a_narrower_name() -> None:
    assert StreamError(State.SILENT, "says nothing").code == "silent"
    assert StreamError(State.REFUSED, "sends elsewhere", "redirect").code == "redirect"
    assert str(StreamError(State.SILENT, "says nothing")) == "says nothing"


def test_who_gets_no_answer_may_treat_it_as_any_trouble_of_the_network() -> None:
    error = UnansweredError("refused", "nothing listens")
    assert isinstance(error, OSError)
    assert (error.code, str(error)) == ("refused", "nothing listens")
