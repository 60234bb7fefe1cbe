"""Which sources a rule is about."""

import pytest

from ioc.incidents.siting import is_about
from tests.fakes.things import rule, source

AROUND = ((108.0, 15.8), (108.2, 15.8), (108.2, 16.0), (108.0, 16.0))
AWAY = tuple((lon + 1, lat) for lon, lat in AROUND)


@pytest.mark.parametrize(
    ("asked", "about"),
    [
        ({}, True),
        ({"sources": ("gauge-ai-nghia",)}, True),
        ({"sources": ("gauge-b",)}, False),
        ({"areas": ("20335",)}, True),
        ({"areas": ("20335@2025-07-01",)}, True),
        ({"areas": ("20335@2024-09-01", "20341")}, False),
        ({"polygon": AROUND}, True),
        ({"polygon": AWAY}, False),
        ({"polygon": AROUND, "areas": ("20341",)}, False),
    ],
)
def test_a_rule_is_about_what_it_names_and_what_stands_within(asked: dict[str, object], about: bool) -> None:
    assert is_about(rule(**asked), source()) is about
