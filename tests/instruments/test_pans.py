"""Tests of the operators' walks: the tiles of a place, and what a walk holds."""

import random

from tests.instruments.pans import COLLECTIONS, ZOOMS, Tile, covering, square, tiles_near, tiles_of, walk


def test_a_place_lies_in_the_tile_that_the_map_asks_for() -> None:
    assert Tile("incidents", 13, 6560, 3729) in list(tiles_of("incidents", 108.3, 15.9))
    assert square(-180.0, 0.0, 3) == (0.0, 4.0)
    assert Tile("devices", 9, 3, 4).path == "/ogc/collections/devices/tiles/WebMercatorQuad/9/4/3"


def test_a_place_at_an_edge_is_near_the_tiles_on_both_sides_of_it() -> None:
    edge = 110 * 360 / 128 - 180 + 1e-6
    near = {one.x for one in tiles_near("incidents", edge, 15.9) if one.z == 8}
    own = {one.x for one in tiles_of("incidents", edge, 15.9) if one.z == 8}
    assert (near, own) == ({219, 220}, {220})


def test_a_box_is_covered_to_its_corners() -> None:
    found = covering("incidents", (107.5, 15.0, 108.6, 16.0), 9)
    for corner in ((107.5, 15.0), (108.6, 15.0), (107.5, 16.0), (108.6, 16.0)):
        assert next(one for one in tiles_of("incidents", *corner) if one.z == 9) in found
    assert len(found) == len(set(found)) <= 9


def test_a_walk_leads_to_its_place_through_all_zooms_and_asks_each_tile_once() -> None:
    found = walk(random.Random(5), 108.3, 15.9)
    assert len(found) == len(set(found))
    assert {one.z for one in found} == set(ZOOMS)
    for name in COLLECTIONS:
        assert set(tiles_of(name, 108.3, 15.9)) <= set(found)
    assert found == walk(random.Random(5), 108.3, 15.9) != walk(random.Random(6), 108.3, 15.9)
