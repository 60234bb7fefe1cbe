"""How a key is kept, and how two names take turns."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.registration.broker_key import OVERLAP, Held, Turn, code_of, fits, hashed, is_hash, is_login, other, turn
from tests.fakes.things import NOW

SALT = b"0123456789ab"
SOON = NOW + OVERLAP


@given(st.text(min_size=1).filter(lambda key: "\0" not in key))
def test_a_hash_fits_its_key_alone(key: str) -> None:
    kept = hashed(key, SALT)
    assert is_hash(kept)
    assert fits(key, kept)
    assert not fits(key + "x", kept)
    assert key not in kept or len(key) < 4


@pytest.mark.parametrize(
    "text", ["", "$7$101$x$y", "plain", hashed("k", SALT) + "\nroot:", hashed("k", SALT).replace("$7$", "$6$"), "$7$$$"]
)
def test_what_is_no_hash_of_ours_fits_nothing(text: str) -> None:
    """It would be a second line of the file, or a key in clear."""
    assert not is_hash(text)
    assert not fits("k", text)


def test_a_device_has_two_names_and_no_code_is_the_second() -> None:
    assert (other("gauge-a"), other("gauge-a~"), code_of("gauge-a~")) == ("gauge-a~", "gauge-a", "gauge-a")
    assert is_login("gauge-a")
    assert is_login("gauge-a~")
    assert not any(is_login(one) for one in ("", "~", "a~~", "gauge-a~~", "#", "+~", "gauge a", "gauge-a\n"))


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        ([], Turn("g1", None)),
        ([Held(login="g1")], Turn("g1~", "g1")),
        ([Held(login="g1~")], Turn("g1", "g1~")),
        ([Held(login="g1", until=SOON), Held(login="g1~")], Turn("g1~", "g1")),
        ([Held(login="g1~", until=SOON), Held(login="g1")], Turn("g1", "g1~")),
        ([Held(login="g1", until=NOW), Held(login="g1~")], Turn("g1", "g1~")),
        ([Held(login="g1", until=NOW - dt.timedelta(days=1))], Turn("g1", None)),
    ],
)
def test_the_new_key_takes_the_name_that_is_not_in_use(held: list[Held], wanted: Turn) -> None:
    """A key that was made and never used is replaced; one whose time is over does not count."""
    assert turn("g1", held, NOW) == wanted
