"""How the feeds of a deployment are set, and what their process says; at work see tests/integration/test_feeds.py."""

import datetime as dt
from pathlib import Path

from feeds.cap_feed import CapFeed
from feeds.feed import Round
from feeds.schedule import Schedule
from ioc.feeding import pulse, tables
from ioc.leader import Lead
from ioc.settings import Settings

NOW = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)


def test_feeds_stand_in_tables_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "feeds.toml"
    file.write_text(
        '[feed.kttv]\nurl = "https://kttv.vn/cap.atom"\nname = "Đài"\n'
        '[feed.dike]\nurl = "http://d.vn/"\ninterval_s = 300\n'
    )
    found = tables(Settings(feeds=str(file)))
    assert {code: (one.url, one.kind, one.interval_s) for code, one in found.items()} == {
        "kttv": ("https://kttv.vn/cap.atom", "cap", 60.0),
        "dike": ("http://d.vn/", "cap", 300.0),
    }
    assert tables(Settings()) == {}


def test_the_process_is_ready_and_says_which_feed_is_not() -> None:
    looked = [CapFeed(code, "http://a.vn/", None) for code in ("a1", "b1")]  # type: ignore[arg-type]
    schedule = Schedule(looked, lambda code: None, now=lambda: NOW, chance=lambda: 0.5)  # type: ignore[arg-type, return-value]
    schedule.standings["a1"].took(Round(listed=2, kept=2), NOW)
    schedule.standings["b1"].failed("timeout", "no answer within 20 s")
    said = pulse(schedule, Lead(held=True), NOW + dt.timedelta(seconds=10))
    assert said.ready
    assert said.figures["why"] == "b1 is lost: timeout: no answer within 20 s"
    assert (said.figures["fresh"], said.figures["lost"], said.figures["number"]) == (1, 1, 2)
    feeds = said.figures["feeds"]
    assert isinstance(feeds, dict)
    assert feeds["a1"] | {"age_s": 10, "kept": 2, "fresh": 1, "failing": 0} == feeds["a1"]
    assert (feeds["b1"]["failures"], feeds["b1"]["failing"]) == (1, 1)
    waiting = pulse(schedule, Lead(), NOW)
    assert "lost" not in waiting.figures
