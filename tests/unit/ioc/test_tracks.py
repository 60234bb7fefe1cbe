"""Which rules look at which property of which source."""

import datetime as dt
from collections.abc import Sequence

import msgspec

from gis.position import Position
from ioc.incidents.conditions import Needs, Window
from ioc.incidents.order import Memory, Sample
from ioc.incidents.rules import Pending, Rule, key_of
from ioc.incidents.windows import WindowTrack
from ioc.tracks import Tracks
from tests.fakes.things import NOW, alarm, reading, rule, source

LEVEL = rule()
RULES = (
    LEVEL,
    rule(code="second", levels={}, devices={"gauge-b": {"minor": 1.0}}),
    rule(code="other", profile="rain-station"),
    rule(code="gate", sighting="zone_entered"),
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


def test_rules_reach_the_sources_that_they_are_about_with_the_limits_of_their_area() -> None:
    rules = [
        rule(code="near", polygon=((108.0, 15.8), (108.2, 15.8), (108.2, 16.0), (108.0, 16.0))),
        rule(code="far", polygon=((107.0, 15.8), (107.2, 15.8), (107.2, 16.0), (107.0, 16.0))),
        rule(code="here", areas=("20335",), area_levels={"20335": {"minor": 0.5}}),
        rule(code="silent", levels={}, absent_s=60),
        rule(code="sum", window=Window(kind="sum", hours=1)),
    ]
    found = Tracks(rules, lambda code: "river-gauge")
    found.attend(SOURCES)
    tracks = found.of("gauge-a")["water_level"]
    assert [track.rule.code for track in tracks] == ["near", "here", "sum"]
    assert (tracks[1].levels, tracks[1].bound) == ({"minor": 0.5}, 0.5)
    assert isinstance(tracks[2], WindowTrack)
    moved = {code: msgspec.structs.replace(one, area="20341@2025-07-01") for code, one in SOURCES.items()}
    found.attend(moved)
    assert [track.rule.code for track in found.of("gauge-a")["water_level"]] == ["near", "sum"]


def test_a_window_over_several_properties_is_one_track_of_each() -> None:
    index = rule(measured="pm2_5", levels={"minor": 101.0}, window=Window(kind="vn_aqi", hours=12, also=("pm10",)))
    found = Tracks([index], lambda code: "river-gauge")
    found.attend(SOURCES)
    watched = found.of("gauge-a")
    assert watched["pm10"][0] is watched["pm2_5"][0]


WET = rule(code="wet", quiet=True)
RAIN = rule(code="rain", quiet=True, profile="rain-gauge")
NEAR = rule(code="near", needs=Needs(rules=("rain",), match="any"), quiet=True)
SLIDE = rule(code="slide", needs=Needs(rules=("wet", "near"), metres=2_000, minutes=10))
KINDS = {"slope": "river-gauge", "rain-near": "rain-gauge", "rain-far": "rain-gauge"}


def placed(rules: Sequence[Rule] = (SLIDE, NEAR, RAIN, WET)) -> Tracks:
    found = Tracks(rules, lambda code: KINDS.get(code, ""))
    near, far = Position(lon=108.12, lat=15.883), Position(lon=108.20, lat=15.883)
    found.attend(
        {
            "slope": source("slope"),
            "rain-near": msgspec.structs.replace(source("rain-near"), position=near),
            "rain-far": msgspec.structs.replace(source("rain-far"), position=far),
        }
    )
    return found


def test_what_a_value_may_change_at_a_place_is_found_in_turn() -> None:
    found = placed()
    near = found.above([key_of(RAIN, "rain-near", "water_level")])
    assert [(one.rule.code, one.source) for one in near] == [("near", "rain-near"), ("slide", "slope")]
    assert [one.rule.code for one in found.above([key_of(RAIN, "rain-far", "water_level")])] == ["near"]
    assert [one.rule.code for one in found.above([key_of(WET, "slope", "water_level")])] == ["slide"]
    assert found.above(["test/nothing:slope:water_level"]) == []
    assert tracks().above([key_of(LEVEL, "gauge-a", "water_level")]) == []


def test_what_is_over_at_a_place_by_itself_is_due() -> None:
    found = placed()
    assert (found.due(NOW), found.next_end()) == ([], None)
    for code, end in (("slope", None), ("rain-near", 5)):
        track = found.of(code)["water_level"][0]
        track.learn(None)
        track.follow(Sample(NOW, reading(9.0, source=code)))
        if end is not None:
            track.follow(Sample(NOW + dt.timedelta(minutes=end), reading(0.0, source=code)))
    for place in found.above([key_of(RAIN, "rain-near", "water_level"), key_of(WET, "slope", "water_level")]):
        place.judge(NOW + dt.timedelta(minutes=6))
    assert found.next_end() == NOW + dt.timedelta(minutes=15)
    assert found.due(NOW + dt.timedelta(minutes=14)) == []
    assert [place.rule.code for place in found.due(NOW + dt.timedelta(minutes=15))] == ["slide"]


def test_a_place_begins_again_with_what_was_saved_and_a_rule_without_its_needs_has_none() -> None:
    found = placed()
    key = key_of(NEAR, "rain-near", "place")
    episode = found.of("rain-near")["water_level"][0]
    episode.follow(Sample(NOW, reading(9.0, source="rain-near")))
    found.forget({}, {key: Memory(held=episode.state.held)})
    (place,) = found.due(NOW)[:1]
    assert (place.key, place.held) == (key, episode.state.held)
    assert placed([SLIDE, WET]).above([key_of(WET, "slope", "water_level")]) == []
