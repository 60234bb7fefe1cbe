from ioc.api.problems_enrolment import TABLE


def test_every_problem_has_both_languages_and_the_same_names() -> None:
    for status, vi, en in TABLE.values():
        assert 400 <= status < 500
        assert vi
        assert en
        assert vi.count("{") == en.count("{")
