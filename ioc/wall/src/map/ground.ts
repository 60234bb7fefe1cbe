import type { ExpressionSpecification, FilterSpecification, LayerSpecification } from "maplibre-gl";
import { BOLD, REGULAR } from "./fonts";
import type { Palette } from "./palette";

/** What cameras see, all of them or those of a filter: the field and its edge. */
function views(
  id: string,
  colour: string,
  opacity: number,
  width: number,
  filter?: FilterSpecification,
): LayerSpecification[] {
  const of = { source: "camera_fov", "source-layer": "camera_fov", ...(filter ? { filter } : {}) };
  return [
    { ...of, id, type: "fill", paint: { "fill-color": colour, "fill-opacity": opacity } },
    { ...of, id: `${id}-edge`, type: "line", paint: { "line-color": colour, "line-width": width } },
  ];
}

/** Sea, land, units, waters and roads, and what cameras see. */
export function ground(colour: Palette): LayerSpecification[] {
  return [
    { id: "sea", type: "background", paint: { "background-color": colour.sea } },
    {
      id: "land",
      type: "fill",
      source: "basemap",
      "source-layer": "basemap_land",
      paint: { "fill-color": colour.far },
    },
    {
      id: "area-fill",
      type: "fill",
      source: "areas",
      "source-layer": "areas",
      paint: { "fill-color": colour.land, "fill-antialias": false },
    },
    {
      id: "coastline",
      type: "line",
      source: "basemap",
      "source-layer": "basemap_coast",
      maxzoom: 8,
      paint: { "line-color": colour.coast, "line-width": 1 },
    },
    {
      id: "rivers",
      type: "line",
      source: "basemap",
      "source-layer": "basemap_rivers",
      paint: { "line-color": colour.river, "line-width": 1.5 },
    },
    {
      id: "rail",
      type: "line",
      source: "basemap",
      "source-layer": "basemap_roads",
      filter: ["==", ["get", "loai_duong"], "Đường sắt"],
      paint: { "line-color": colour.rail, "line-width": 1.4, "line-dasharray": [4, 3] },
    },
    {
      id: "roads",
      type: "line",
      source: "basemap",
      "source-layer": "basemap_roads",
      filter: ["!=", ["get", "loai_duong"], "Đường sắt"],
      layout: { "line-join": "round" },
      paint: {
        "line-color": colour.road,
        "line-width": ["interpolate", ["linear"], ["zoom"], 7, 0.8, 13, 4],
      },
    },
    {
      id: "area-border",
      type: "line",
      source: "areas",
      "source-layer": "areas",
      paint: {
        "line-color": colour.border,
        "line-width": ["interpolate", ["linear"], ["zoom"], 7, 0.7, 12, 1.8],
      },
    },
    {
      id: "area-chosen",
      type: "line",
      source: "areas",
      "source-layer": "areas",
      filter: ["==", ["get", "code"], ""],
      paint: { "line-color": colour.areaChosen, "line-width": 2.2 },
    },
    ...views("camera-view", colour.view, 0.28, 1),
    ...views("camera-view-shown", colour.viewShown, 0.3, 2.4, ["in", ["get", "code"], ["literal", []]]),
  ];
}

/** Special zones made of islands. */
const ISLANDS: ExpressionSpecification = ["==", ["get", "kind"], "Đặc khu"];

export function names(colour: Palette): LayerSpecification[] {
  return [
    {
      id: "area-names",
      type: "symbol",
      source: "area_names",
      filter: ["!", ISLANDS],
      layout: {
        "text-field": ["coalesce", ["get", "short_name"], ["get", "name"]],
        "text-font": REGULAR,
        "text-size": ["interpolate", ["linear"], ["zoom"], 7, 12, 9, 13, 12, 18],
        "text-max-width": 7,
        "text-padding": 14,
      },
      paint: {
        "text-color": colour.name,
        "text-opacity": ["interpolate", ["linear"], ["zoom"], 7, 0.75, 10, 1],
        "text-halo-color": colour.halo,
        "text-halo-width": 1.4,
      },
    },
    {
      id: "island-names",
      type: "symbol",
      source: "area_names",
      filter: ISLANDS,
      layout: {
        "text-field": ["get", "name"],
        "text-font": BOLD,
        "text-size": ["interpolate", ["linear"], ["zoom"], 5, 13, 8, 20],
      },
      paint: { "text-color": colour.name, "text-halo-color": colour.halo, "text-halo-width": 1.4 },
    },
    {
      id: "places",
      type: "symbol",
      source: "basemap",
      "source-layer": "basemap_places",
      maxzoom: 11,
      layout: {
        "text-field": ["get", "name"],
        "text-font": BOLD,
        "text-size": 15,
        "text-padding": 8,
      },
      paint: { "text-color": colour.placeName, "text-halo-color": colour.halo, "text-halo-width": 1.6 },
    },
  ];
}
