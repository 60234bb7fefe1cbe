"""What feeds raise and answer."""

from feeds.feed import FeedError, Round


def test_an_error_has_a_word_for_counters_and_a_sentence_for_people() -> None:
    error = FeedError("timeout", "no answer within 20 s")
    assert (error.code, str(error)) == ("timeout", "no answer within 20 s")


def test_a_round_begins_with_nothing() -> None:
    assert Round() == Round(listed=0, kept=0, repeated=0, refused=0, missing=0, why="")
