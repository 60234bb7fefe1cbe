"""Which rules look at which property of which source."""

from ioc.incidents.order import Memory
from ioc.incidents.rules import Pending, key_of
from ioc.tracks import Tracks
from tests.fakes.things import NOW, alarm, rule, source

LEVEL = rule()
RULES = (
    LEVEL,
    rule(code="second", levels={}, devices={"gauge-b": {"minor": 1.0}}),
    rule(code="other", profile="rain-station"),
    rule(code="gate", profile="", measured="", levels={}, sighting="zone_entered"),
)
SOURCES = {code: source(code) for code in ("gauge-a", "gauge-b")}


def tracks(profile: str = "river-gauge") -> Tracks:
    found = Tracks(RULES, lambda code: profile)
    found.attend(SOURCES)
    return found


def test_a_source_is_watched_by_the_rules_of_its_profile_that_have_levels_for_it() -> None:
    found = tracks()
    assert [track.rule.code for track in found.of("gauge-a")["water_level"]] == ["level"]
    assert [track.rule.code for track in found.of("gauge-b")["water_level"]] == ["level", "second"]
    assert tracks("rain-station").of("gauge-a")["water_level"][0].rule.code == "other"


def test_nobody_watches_what_is_not_registered_until_it_is() -> None:
    found = tracks()
    assert not found.of("gauge-new")
    found.attend({**SOURCES, "gauge-new": source("gauge-new")})
    assert found.of("gauge-new")


def test_a_track_stays_the_same_when_the_register_is_read_anew() -> None:
    found = tracks()
    before = found.of("gauge-a")["water_level"][0]
    found.attend(dict(SOURCES))
    assert found.of("gauge-a")["water_level"][0] is before


def test_what_was_saved_is_taken_up_and_what_was_not_saved_is_forgotten() -> None:
    found = tracks()
    key = key_of(LEVEL, "gauge-a", "water_level")
    lost = found.of("gauge-a")["water_level"][0]
    found.forget({key: alarm(key=key)}, {key: Memory(pending=Pending(NOW, "severe"))})
    again = found.of("gauge-a")["water_level"][0]
    assert again is not lost
    assert again.state.held is not None
    assert again.state.pending == Pending(NOW, "severe")
