"""Ids in paths."""

import contextlib
import uuid

from hypothesis import given
from hypothesis import strategies as st

from ioc.api.incidents import id_of
from ioc.api.problems import ProblemError


@given(st.uuids())
def test_a_uuid_is_itself(value: uuid.UUID) -> None:
    assert id_of(str(value)) == value


@given(st.text())
def test_any_text_is_an_id_or_not_found(text: str) -> None:
    with contextlib.suppress(ProblemError):
        assert isinstance(id_of(text), uuid.UUID)
