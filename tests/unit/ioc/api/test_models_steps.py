"""The shapes of the routes of an incident's life are closed and bounded."""

import inspect

import msgspec
import pytest

from ioc.api import models_steps

SHAPES = [
    one
    for _, one in inspect.getmembers(models_steps, inspect.isclass)
    if issubclass(one, msgspec.Struct) and one.__module__ == models_steps.__name__
]


def test_every_model_has_a_schema() -> None:
    _, components = msgspec.json.schema_components(SHAPES)
    assert {one.__name__ for one in SHAPES} <= components.keys()


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (models_steps.Reasoned, {"expected_version": 1, "owner": "mallory"}),
        (models_steps.Reasoned, {"why": "x"}),
        (models_steps.Split, {"expected_version": 1, "alarms": []}),
        (models_steps.SeverityStep, {"expected_version": 1, "severity": "dreadful"}),
        (models_steps.TitleStep, {"expected_version": 1, "title": ""}),
        (models_steps.Comment, {"text": "x" * 4_001}),
        (models_steps.ItemStep, {"item": "Not A Code"}),
        (models_steps.NewTemplate, {"expected_version": 0, "items": [{"item": "a", "vi": "", "en": "x"}]}),
    ],
)
def test_what_does_not_fit_is_refused(model: type[msgspec.Struct], body: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(body), type=model)
