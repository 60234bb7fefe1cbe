"""Codes of senders, and which notices speak of the same; the rest runs on a real PostgreSQL in tests/integration."""

from hypothesis import given
from hypothesis import strategies as st

from gis.stamp import is_code
from ioc.store.notices import connected, source_of, stamp_of
from tests.fakes.tellers import name, notice


@given(st.text(max_size=200))
def test_whoever_sends_has_a_code(sender: str) -> None:
    assert is_code(source_of("", sender))


def test_a_feed_is_its_own_code() -> None:
    assert source_of("kttv", "dai@kttv.vn") == "kttv"
    assert source_of("", "Dai@KTTV.vn") == "dai-kttv-vn"
    assert source_of("", "Đ") == "sender"


def test_the_key_is_made_of_what_the_sender_gave_alone() -> None:
    one, other = (stamp_of("quang-nam", "kttv", name(which), None) for which in ("a", "b"))
    assert one.key == stamp_of("quang-nam", "kttv", name("a"), None).key
    assert one.key != other.key


def test_notices_are_of_one_thread_when_one_names_the_other_or_both_the_same() -> None:
    first, update = notice("a"), notice("b", 1, references=(name("a"),))
    assert connected(first, update)
    assert connected(update, first)
    assert connected(update, notice("c", 2, references=(name("a"),)))
    assert connected(first, notice("a", 5))
    assert not connected(first, first)
    assert not connected(first, notice("c", 2))
    assert not connected(update, notice("c", 2, references=(name("a"),), sender="x@y.vn"))
    assert not connected(first, notice("c", 2, references=(name("a"),), sender="x@y.vn"))
