"""Schemas, queryables and sortables."""

import pytest

from gis.layer import Layer
from gis.layers import AREAS, INCIDENTS, LAYERS, OBSERVATIONS_LATEST
from ioc.api import schemas

BASE = "https://ioc.example/ogc"


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.id)
def test_what_may_be_named_is_in_the_schema(layer: Layer) -> None:
    every = schemas.schema(layer, BASE, "en")["properties"]
    for make in (schemas.queryables, schemas.sortables):
        document = make(layer, BASE, "en")
        assert set(document["properties"]) <= set(every)
        assert document["$id"] == f"{BASE}/collections/{layer.id}/{make.__name__}"
    assert "geometry" not in schemas.sortables(layer, BASE, "en")["properties"]
    places = [one["x-ogc-propertySeq"] for one in every.values()]
    assert places == sorted(set(places))


def test_roles_say_what_a_feature_is_and_when() -> None:
    def roles(layer: Layer) -> dict[str, str]:
        properties = schemas.schema(layer, BASE, "en")["properties"]
        return {one["x-ogc-role"]: name for name, one in properties.items() if "x-ogc-role" in one}

    assert roles(INCIDENTS) == {
        "id": "id",
        "primary-geometry": "geometry",
        "primary-interval-start": "first_at",
        "primary-interval-end": "last_at",
    }
    assert roles(OBSERVATIONS_LATEST) == {"primary-geometry": "geometry", "primary-instant": "at"}
    assert roles(AREAS)["primary-interval-start"] == "valid_from"


def test_titles_are_in_the_reader_s_language() -> None:
    titles = {language: schemas.schema(INCIDENTS, BASE, language)["title"] for language in ("vi", "en")}
    assert titles == {"vi": "Sự cố", "en": "Incidents"}
    severity = schemas.queryables(INCIDENTS, BASE, "vi")["properties"]["severity"]
    assert (severity["title"], severity["enum"][0]) == ("Mức độ", "minor")
    age = schemas.schema(OBSERVATIONS_LATEST, BASE, "en")["properties"]["age_s"]
    assert (age["x-ogc-unit"], age["x-ogc-unitLang"]) == ("s", "UCUM")
