"""Refusals of CAP have a problem each; the routes run in tests/integration/test_api_reports.py."""

from feeds import cap
from ioc.api.problems import TABLE


def test_every_refusal_of_cap_has_a_sentence_in_both_languages() -> None:
    for code in cap.REFUSALS:
        status, vi, en = TABLE[f"cap-{code}"]
        assert status == 422
        for text in (vi, en):
            assert text.format(name="scope", why="a word").endswith(".")
