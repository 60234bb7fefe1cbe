"""The table of codecs, and the shipped scripts held against what the makers' own return."""

from pathlib import Path

import pytest

from sensors.codecs.script import ScriptError
from sensors.codecs.table import NAMES, codecs, scripts_in, shipped_scripts
from tests.fakes.lorawan import example


def test_every_name_has_one_codec() -> None:
    with scripts_in(Path("nowhere")) as scripts:
        known = codecs(scripts)
    assert sorted([*known.own, *known.gateways]) == sorted(NAMES)


@pytest.mark.parametrize(
    ("device", "name", "taken"),
    [
        ("decentlab__dl-ctd10", "water-pressure", 2),
        ("bosch__tps110-0292", "parking-spot", 2),
        ("elsys__ers-sound", "sound-level", 1),
        ("dingtek__df702", "waste-bin", 1),
    ],
)
def test_a_shipped_script_returns_what_the_maker_publishes_or_says_why_not(device: str, name: str, taken: int) -> None:
    with scripts_in(Path("nowhere")) as scripts:
        for number, one in enumerate(example(device)):
            frame = bytes.fromhex(one["hex"])
            if number < taken:
                assert scripts.run(name, frame, one["fPort"]).out == one["expected"]
            else:
                with pytest.raises(ScriptError, match="says: "):
                    scripts.run(name, frame, one["fPort"])


def test_every_shipped_script_is_held_against_examples() -> None:
    assert sorted(path.stem for path in shipped_scripts().glob("*.js")) == [
        "parking-spot", "sound-level", "waste-bin", "water-pressure",
    ]  # fmt: skip
