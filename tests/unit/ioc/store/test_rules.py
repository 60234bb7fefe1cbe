"""A kept rule and what it is made of; the statements are tried in tests/integration/test_rules.py."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ioc.store.rules import KINDS, Kept, Override, apart
from tests.fakes.things import NOW

LEVELS = st.dictionaries(st.sampled_from(["minor", "severe"]), st.floats(-9, 9))
CONTENT = st.fixed_dictionaries(
    {"title": st.text()}, optional={name: st.dictionaries(st.text(min_size=1), LEVELS, min_size=1) for name in KINDS}
)


def kept(body: dict[str, Any], *overrides: Override) -> Kept:
    about: dict[str, Any] = {"enabled": True, "what": "made", "at": NOW, "who": "", "reason": ""}
    return Kept(pack="p", code="r", version=1, body=body, overrides=overrides, **about)


@given(CONTENT)
def test_a_rule_that_was_taken_apart_is_whole_again(content: dict[str, Any]) -> None:
    body, overrides = apart(content)
    assert not set(body) & set(KINDS)
    assert kept(body, *overrides).content == content


def test_a_rule_without_overrides_has_no_empty_members() -> None:
    assert kept({"title": "t"}).content == {"title": "t"}
    area = Override(kind="area", subject="502", body={"minor": 1.0})
    assert kept({}, area).content == {"area_levels": {"502": {"minor": 1.0}}}


def test_an_override_is_read_from_what_postgresql_gives() -> None:
    row = {"kind": "device", "subject": "gauge", "body": {"severe": 2.0}, "centre": "", "area": ""}
    assert msgspec.convert(row, Override) == Override(kind="device", subject="gauge", body={"severe": 2.0})
