"""Each step and each failure has a sentence in both languages."""

import re
from pathlib import Path

import pytest

from cameras.onvif_interview import Step
from ioc.api.probe_words import BAD, GOOD, sentence

ROOT = Path(__file__).parents[4]
SOURCES = ("cameras/onvif_interview.py", "cameras/soap_caller.py", "cameras/rtsp_knock.py", "ioc/probing.py")


def test_every_failure_that_is_noted_anywhere_has_its_sentence() -> None:
    """Those that stand in the sources as they are; states of cameras and the words of who calls are listed here."""
    told = "".join((ROOT / name).read_text("utf-8") for name in SOURCES)
    noted = set(re.findall(r"_note\(\"\w+\", \"(\w+)\"", told)) | set(re.findall(r"FailedError\(\"(\w+)\"", told))
    states = {"silent", "garbled", "unauthorised", "refused", "unreachable", "ended"}
    called = {"not_allowed", "unresolved", "address", "redirect", "broken", "fault", "status", "not_onvif"}
    assert len(noted) >= 5
    assert noted | states | called <= BAD.keys()


@pytest.mark.parametrize("words", [*GOOD.values(), *BAD.values()])
def test_sentences_end_and_name_the_same_facts_in_both_languages(words: tuple[str, str]) -> None:
    vi, en = words
    assert vi.endswith(".")
    assert en.endswith(".")
    assert set(re.findall(r"{(\w+)}", vi)) == set(re.findall(r"{(\w+)}", en))


def test_a_sentence_is_filled_and_a_missing_fact_is_a_gap() -> None:
    step = Step(step="clock", failure="wrong_clock", facts={"skew": "+43.0"})
    assert "43.0" in sentence(step, "en")
    assert "NTP" in sentence(step, "vi")
    assert "…" in sentence(Step(step="reach", failure="refused"), "en")
    assert sentence(Step(step="reach", failure="unheard-of"), "en") == BAD["garbled"][1].replace("{place}", "…")


def test_an_address_that_is_a_number_already_is_not_said_twice() -> None:
    number = Step(step="address", facts={"host": "127.83.0.1", "address": "127.83.0.1"})
    assert sentence(number, "vi") == "Trung tâm được gọi 127.83.0.1."
    named = Step(step="address", facts={"host": "cam.example", "address": "127.83.0.1"})
    assert sentence(named, "en") == "cam.example is 127.83.0.1."


def test_a_picture_whose_rate_is_not_known_is_told_without_one() -> None:
    facts = {"size": "320×240", "codec": "h264"}
    assert sentence(Step(step="picture", facts=facts | {"fps": "25"}), "vi") == "Hình 320×240, h264, 25 hình/giây."
    assert sentence(Step(step="picture", facts=facts | {"fps": ""}), "vi") == (
        "Hình 320×240, h264; chưa đo được số hình/giây."
    )
