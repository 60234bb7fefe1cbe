"""The map itself over a real server's tiles: what it draws of a board, and that it hides nothing worse."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.fakes.crowd import gather
from tests.fakes.http_centre import Centre
from tests.fakes.pages import complaints_of, wall
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "index.html").is_file(), reason="the wall is not built: ./run builds it")

INCIDENTS = 600
EXTREME = 12
SLOW_MS = 60_000

_OPEN = """
async () => {
  const names = performance.getEntriesByType("resource").map((one) => one.name);
  const name = names.find((one) => /assets.map-.*js$/.test(one));
  const { WallMap } = await import(name);
  const read = async (layer) => (await (await fetch(`/ogc/collections/${layer}/items?limit=1000`)).json()).features;
  const board = {
    incidents: new Map(), devices: new Map(), cameras: new Map(), tickets: new Map(), provisional: new Map(),
    muted: new Set(), passes: () => true, complete: true,
  };
  window.incident = ({ id, geometry, properties }) =>
    board.incidents.set(id, { ...properties, id, position: geometry.coordinates, openedAt: 0, areaCode: "502" });
  for (const one of await read("incidents")) incident(one);
  for (const { id, geometry, properties } of await read("cameras"))
    board.cameras.set(id, { ...properties, code: id, kind: "camera", latest: {}, position: geometry.coordinates });
  const root = document.createElement("section");
  root.id = "map";  // By which the wall's own sheet gives it a canvas as high as it is.
  Object.assign(root.style, { position: "fixed", inset: "0", height: "100vh" });
  root.style.zIndex = "99";
  document.body.append(root);
  Object.assign(window, { board, wall: new WallMap(root, board, (picked) => { window.picked = picked; }, () => 0) });
  await new Promise((done) => wall.map.once("idle", done));
}
"""
"""A map of our own over the whole page, of what the server has now; `board` and `wall` are the window's."""

_DRAWN = """
(layers) => wall.map.queryRenderedFeatures({ layers }).map(({ properties }) => properties)
"""


async def drawn(page: Page, *layers: str) -> list[dict[str, Any]]:
    """The properties of what these layers show."""
    found: list[dict[str, Any]] = await page.evaluate(_DRAWN, list(layers))
    return found


_EXTREME = """
() => wall.map.queryRenderedFeatures({ layers: ["incidents"] }).filter((one) => one.properties.rank === 4).length
"""
"""How many extreme incidents the present picture shows."""


async def loaded(page: Page, deed: str) -> None:
    """Do something to the map, and wait until it has all that this asks for: not for MapLibre's own word of it.

    Its event `idle` is not said where the last tile to come turns out to be unchanged.
    """
    await page.evaluate(f"() => {{ {deed}; }}")
    await until(page, "() => wall.map.loaded()")


async def until(page: Page, condition: str) -> None:
    """Wait for what the page can say."""
    await page.wait_for_function(condition, timeout=SLOW_MS)


@pytest.fixture
async def page(centre: Centre, chrome: Browser) -> AsyncIterator[Page]:
    """Six hundred incidents, twelve of them extreme, on a map of our own."""
    await gather(centre.owner, incidents=INCIDENTS, stations=20)
    one, _ = await wall(chrome, centre, "admin", viewport={"width": 900, "height": 700})
    await one.wait_for_selector("body[data-map=idle]", timeout=SLOW_MS)
    await one.evaluate(_OPEN)
    yield one
    await one.context.close()


async def test_groups_count_everybody_and_the_extreme_are_drawn_one_by_one(page: Page, centre: Centre) -> None:
    complaints = complaints_of(page)
    counts = """() => {
      const of = (sourceLayer) => wall.map.querySourceFeatures("incident_tiles", { sourceLayer });
      const once = new Map(of("clusters").map((one) => [one.properties.id, one.properties.n]));
      return [...once.values()].reduce((sum, n) => sum + n, 0) + new Set(of("incidents").map((one) => one.id)).size;
    }"""
    assert await page.evaluate(counts) == INCIDENTS
    shown = await drawn(page, "incidents")
    assert [one["rank"] for one in shown] == [4] * EXTREME
    assert {"extreme", "severe"} <= {one["worst"] for one in await drawn(page, "incident-clusters-tiles")}
    new = await centre.incident(lon=108.05, lat=15.55, severity="minor", key="new")
    status, feature, _ = await centre.get(f"/ogc/collections/incidents/items/{new}")
    assert status == 200
    await page.evaluate("(feature) => { incident(feature); wall.changed('incidents'); }", feature)
    await until(page, f"() => wall.map.queryRenderedFeatures({{ layers: ['incidents'] }}).length === {EXTREME + 1}")
    await until(page, f"() => ({counts})() === {INCIDENTS + 1}")
    assert complaints == []


async def test_a_filter_and_another_board_are_drawn_of_the_board_and_not_of_tiles(page: Page) -> None:
    await page.evaluate("() => { board.passes = (one) => one.severity !== 'minor'; wall.changed('incidents'); }")
    await until(page, "() => wall.map.queryRenderedFeatures({ layers: ['incident-clusters-groups'] }).length > 3")
    await until(page, "() => wall.map.getLayoutProperty('incident-clusters-tiles', 'visibility') === 'none'")
    groups = await drawn(page, "incident-clusters-groups", "incident-severe-groups", "incident-lesser-groups")
    assert sum(one.get("point_count", 0) for one in groups) > 0
    assert all(one.get("n_minor", 0) == 0 for one in groups)
    assert len(await drawn(page, "incidents")) == EXTREME
    await page.evaluate("""() => {
      const few = [...board.incidents].filter(([id, one]) => one.severity === "severe").slice(0, 5);
      wall.show({ ...board, passes: () => true, incidents: new Map(few) });
    }""")
    await until(page, "() => wall.map.queryRenderedFeatures({ layers: ['incidents'] }).length === 5")
    await until(page, "() => wall.map.getLayoutProperty('incident-clusters-groups', 'visibility') === 'none'")


async def test_views_heat_themes_and_days(page: Page) -> None:
    """No picture is without one of the extreme incidents, whatever the map is asked for meanwhile."""
    await page.evaluate("""() => {
      wall.showCameras(["cam-one", "cam-two"]);
      wall.map.jumpTo({ center: [108.105, 15.605], zoom: 13 });
    }""")
    await expect(page.locator(".mapmark.camera")).to_have_text(["1", "2"])
    await until(page, "() => wall.map.queryRenderedFeatures({ layers: ['camera-view-shown'] }).length > 0")
    assert {one["code"] for one in await drawn(page, "camera-view-shown")} == {"cam-one"}
    await loaded(page, "wall.showCameras([]); wall.map.jumpTo({ center: [108.05, 15.55], zoom: 8 })")
    await expect(page.locator(".mapmark.camera")).to_have_count(0)
    await until(page, f"() => ({_EXTREME})() === {EXTREME}")
    await page.evaluate(
        f"() => {{ window.pictures = []; wall.map.on('render', () => pictures.push(({_EXTREME})())); }}"
    )
    await loaded(page, "wall.toggleHeat()")
    await page.locator("[data-testid=heatlegend] >> nth=-1").wait_for()
    assert await page.evaluate("() => wall.map.querySourceFeatures('heat').length") > 0
    assert await drawn(page, "incident-clusters-tiles") == []
    await until(page, f"() => wall.map.queryRenderedFeatures({{ layers: ['incidents'] }}).length === {EXTREME}")
    await loaded(page, "document.documentElement.dataset.theme = 'light'; wall.restyle()")
    assert await page.evaluate("() => wall.map.getPaintProperty('sea', 'background-color')") == "#d6dfe6"
    assert await page.evaluate("() => wall.map.queryRenderedFeatures({ layers: ['area-fill'] }).length") > 0
    await loaded(page, "wall.setDay('2020-01-01')")
    assert await page.evaluate("() => wall.map.querySourceFeatures('areas', { sourceLayer: 'areas' }).length") == 0
    await loaded(page, "wall.toggleHeat()")
    await until(page, "() => wall.map.queryRenderedFeatures({ layers: ['incident-clusters-tiles'] }).length > 3")
    assert set(await page.evaluate("pictures")) == {EXTREME}
