"""What the law misses is named in both languages."""

from ioc.api.problems_register import FIELDS, TABLE
from ioc.registration import lawful


def test_every_field_that_a_law_asks_for_has_a_name() -> None:
    assert set(FIELDS) == set(lawful.FIELDS)
    assert all(vi and en for vi, en in FIELDS.values())


def test_a_refusal_says_what_to_do_in_both_languages() -> None:
    assert all(vi.strip() and en.strip() and vi != en and 400 <= status < 600 for status, vi, en in TABLE.values())
