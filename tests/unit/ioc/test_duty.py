"""Who stands in where a unit has named nobody; the rosters are tried in tests/integration/test_duty.py."""

from hypothesis import given
from hypothesis import strategies as st

from ioc.duty import instead
from ioc.store.teams import Worker

CENTRES = (None, "quang-nam", "hoi-an", "dai-loc")
workers = st.lists(
    st.builds(
        Worker,
        login=st.sampled_from("abcdefgh"),
        name=st.just("N"),
        role=st.sampled_from(["admin", "operator", "district"]),
        centre=st.sampled_from(CENTRES),
    ),
    unique_by=lambda one: one.login,
)


def worker(login: str, role: str, centre: str | None = None) -> Worker:
    return Worker(login=login, name=login, role=role, centre=centre)


@given(st.sampled_from(CENTRES[1:]), workers)
def test_never_nobody_while_anybody_is_there(centre: str, known: list[Worker]) -> None:
    found = instead(centre, "quang-nam", known)
    assert bool(found) == bool(known)
    assert set(found) <= {one.login for one in known}
    assert found == sorted(found)


@given(st.sampled_from(CENTRES[1:]), workers)
def test_a_districts_own_officers_come_first(centre: str, known: list[Worker]) -> None:
    own = sorted(one.login for one in known if one.role == "district" and one.centre == centre)
    if own and centre != "quang-nam":
        assert instead(centre, "quang-nam", known) == own


def test_the_order_of_who_stands_in() -> None:
    known = [
        worker("chi", "district", "hoi-an"), worker("op", "operator"), worker("op-hoi-an", "operator", "hoi-an"),
        worker("op-dai-loc", "operator", "dai-loc"), worker("root", "admin"), worker("binh", "district", "quang-nam"),
    ]  # fmt: skip

    def of(centre: str, *without: str) -> list[str]:
        return instead(centre, "quang-nam", [one for one in known if one.login not in without])

    assert of("hoi-an") == ["chi"]
    assert of("hoi-an", "chi") == ["op", "op-hoi-an"]
    assert of("quang-nam") == ["op"]
    assert of("quang-nam", "op") == ["op-dai-loc", "op-hoi-an"]
    assert of("quang-nam", "op", "op-hoi-an", "op-dai-loc") == ["root"]
    assert of("quang-nam", "op", "op-hoi-an", "op-dai-loc", "root") == ["binh", "chi"]
