"""Small decisions about reports; the routes run in tests/integration/test_api_reports.py."""

import uuid

import pytest

from ioc.api.models_reports import Reporter
from ioc.api.problems import ProblemError
from ioc.api.query import Query
from ioc.api.reports import uuid_in, words


def test_texts_lose_the_blanks_around_them_and_nothing_else() -> None:
    assert words(Reporter(name="  Trần <b> ", phone="\n"), "name", "phone") == {"name": "Trần <b>", "phone": ""}


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_what_postgresql_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ProblemError):
        words(Reporter(name=text), "name")


def test_a_parameter_that_is_an_id() -> None:
    assert uuid_in(Query({"before": str(uuid.UUID(int=1))}, {"before"}), "before") == uuid.UUID(int=1)
    assert uuid_in(Query({}, {"before"}), "before") is None
    with pytest.raises(ProblemError):
        uuid_in(Query({"before": "1"}, {"before"}), "before")
