"""The tables of policies, teams and rosters, and who sees them."""

from importlib.resources import files

from ioc.store import tables_duty
from ioc.store.guards import EVERYWHERE, GUARDS


def test_teams_and_rosters_are_seen_by_their_centre_and_a_policy_by_all_who_see_tickets() -> None:
    guards = {one.table: one for one in GUARDS}
    for name in ("teams", "duties"):
        assert (guards[name].kind, guards[name].centre, guards[name].area) == ("'duty'", "centre", "area")
    assert guards["duties"].at == "until", "what is over is seen as far back as a person sees"
    assert EVERYWHERE["ticket_policies"] == "'ticket'"


def test_a_team_is_known_by_its_unit_and_code() -> None:
    """So that nobody learns of another centre's teams by a code that is taken."""
    assert [column.name for column in tables_duty.TEAMS.primary_key.columns] == ["unit", "code"]


def test_a_version_can_be_added_and_read_but_not_changed() -> None:
    text = files("ioc.store.migrations").joinpath("0018_duty.sql").read_text("utf-8")
    assert "grant select, insert on ticket_policies to ioc_app;" in text
    assert "update, delete on ticket_policies" not in text
