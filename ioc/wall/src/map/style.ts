import latin from "@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-400-normal.woff2?url";
import latinBold from "@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-600-normal.woff2?url";
import vietnamese from "@fontsource/be-vietnam-pro/files/be-vietnam-pro-vietnamese-400-normal.woff2?url";
import vietnameseBold from "@fontsource/be-vietnam-pro/files/be-vietnam-pro-vietnamese-600-normal.woff2?url";
import type {
  ExpressionSpecification,
  LayerSpecification,
  SourceSpecification,
  StyleSpecification,
} from "maplibre-gl";

/** The letters of Vietnamese that the font keeps in a file of its own. */
const VIETNAMESE = [
  "U+0102-0103",
  "U+0110-0111",
  "U+0128-0129",
  "U+0168-0169",
  "U+01A0-01A1",
  "U+01AF-01B0",
  "U+0300-0301",
  "U+0303-0304",
  "U+0308-0309",
  "U+0323",
  "U+0329",
  "U+1EA0-1EF9",
  "U+20AB",
];

const REGULAR = ["Wall Regular"];
const BOLD = ["Wall Bold"];

const COLOUR = {
  sea: "#0d1216",
  far: "#12181d",
  land: "#1b2329",
  coast: "#3a4650",
  border: "#35414a",
  outline: "#566470",
  river: "#27414f",
  road: "#3d464d",
  rail: "#39424a",
  name: "#93a0aa",
  halo: "#0d1216",
  view: "#8fa1ae",
  lead: "#7d8a94",
};

const BASEMAP = ["land", "coastline", "rivers", "roads", "places"] as const;
const EMPTY = { type: "FeatureCollection" as const, features: [] };
/** What the live stream keeps, each in a source of its own. */
export const LIVE_SOURCES = ["devices", "cameras", "incidents"] as const;
export type LiveSource = (typeof LIVE_SOURCES)[number];

function fontFace(origin: string, basic: string, marked: string) {
  return [{ url: origin + marked, "unicode-range": VIETNAMESE }, { url: origin + basic }];
}

function tiles(origin: string, collection: string): SourceSpecification {
  return {
    type: "vector",
    tiles: [`${origin}/ogc/collections/${collection}/tiles/WebMercatorQuad/{z}/{y}/{x}`],
    minzoom: 4,
    maxzoom: 14,
  };
}

function sources(origin: string): Record<string, SourceSpecification> {
  const all: Record<string, SourceSpecification> = {
    areas: tiles(origin, "areas"),
    // One point a unit: a tile would name it once for each of its parts.
    area_names: { type: "geojson", data: `${origin}/api/v1/areas/labels` },
    leads: { type: "geojson", data: EMPTY },
    camera_fov: tiles(origin, "camera_fov"),
  };
  for (const name of BASEMAP) all[name] = { type: "geojson", data: `${origin}/api/v1/basemap/${name}` };
  for (const name of LIVE_SOURCES) all[name] = { type: "geojson", data: EMPTY };
  return all;
}

const GROUND: LayerSpecification[] = [
  { id: "sea", type: "background", paint: { "background-color": COLOUR.sea } },
  { id: "land", type: "fill", source: "land", paint: { "fill-color": COLOUR.far } },
  {
    id: "area-fill",
    type: "fill",
    source: "areas",
    "source-layer": "areas",
    paint: { "fill-color": COLOUR.land, "fill-antialias": false },
  },
  {
    id: "coastline",
    type: "line",
    source: "coastline",
    maxzoom: 8,
    paint: { "line-color": COLOUR.coast, "line-width": 1 },
  },
  { id: "rivers", type: "line", source: "rivers", paint: { "line-color": COLOUR.river, "line-width": 1.5 } },
  {
    id: "rail",
    type: "line",
    source: "roads",
    filter: ["==", ["get", "loai_duong"], "Đường sắt"],
    paint: { "line-color": COLOUR.rail, "line-width": 1.4, "line-dasharray": [4, 3] },
  },
  {
    id: "roads",
    type: "line",
    source: "roads",
    filter: ["!=", ["get", "loai_duong"], "Đường sắt"],
    layout: { "line-join": "round" },
    paint: { "line-color": COLOUR.road, "line-width": ["interpolate", ["linear"], ["zoom"], 7, 0.8, 13, 4] },
  },
  {
    id: "area-border",
    type: "line",
    source: "areas",
    "source-layer": "areas",
    paint: {
      "line-color": COLOUR.border,
      "line-width": ["interpolate", ["linear"], ["zoom"], 7, 0.7, 12, 1.8],
    },
  },
  {
    id: "area-chosen",
    type: "line",
    source: "areas",
    "source-layer": "areas",
    filter: ["==", ["get", "code"], ""],
    paint: { "line-color": "#d7dfe5", "line-width": 2.2 },
  },
  {
    id: "camera-view",
    type: "fill",
    source: "camera_fov",
    "source-layer": "camera_fov",
    paint: { "fill-color": COLOUR.view, "fill-opacity": 0.28 },
  },
  {
    id: "camera-view-edge",
    type: "line",
    source: "camera_fov",
    "source-layer": "camera_fov",
    paint: { "line-color": COLOUR.view, "line-width": 1 },
  },
];

/** Special zones made of islands. */
const ISLANDS: ExpressionSpecification = ["==", ["get", "kind"], "Đặc khu"];

const NAMES: LayerSpecification[] = [
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
      "text-color": COLOUR.name,
      "text-opacity": ["interpolate", ["linear"], ["zoom"], 7, 0.75, 10, 1],
      "text-halo-color": COLOUR.halo,
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
    paint: { "text-color": COLOUR.name, "text-halo-color": COLOUR.halo, "text-halo-width": 1.4 },
  },
  {
    id: "places",
    type: "symbol",
    source: "places",
    maxzoom: 11,
    layout: {
      "text-field": ["get", "name"],
      "text-font": BOLD,
      "text-size": 15,
      "text-padding": 8,
    },
    paint: { "text-color": "#b4bfc8", "text-halo-color": COLOUR.halo, "text-halo-width": 1.6 },
  },
];

/** From where a symbol is drawn to where it belongs. */
const LEADS: LayerSpecification = {
  id: "leads",
  type: "line",
  source: "leads",
  paint: { "line-color": COLOUR.lead, "line-width": 1.2 },
};

/** Sizes of symbols at the zooms 7 and 12; the arrangement of the map counts with them. */
export const ICON_SIZE: Record<LiveSource, [number, number]> = {
  devices: [0.72, 1.15],
  cameras: [0.8, 1.15],
  incidents: [0.9, 1.25],
};

function iconSize(source: LiveSource): ExpressionSpecification {
  const [small, large] = ICON_SIZE[source];
  return ["interpolate", ["linear"], ["zoom"], 7, small, 12, large];
}

/** Stations over cameras: where there is room for one text only, it is the reading. */
const STATIONS: LayerSpecification[] = (["cameras", "devices"] as const).map((source) => ({
  id: source,
  type: "symbol",
  source,
  layout: {
    "icon-image": ["get", "icon"],
    "icon-size": iconSize(source),
    "icon-allow-overlap": true,
    "text-field": ["step", ["zoom"], ["get", "brief"], 10.5, ["get", "label"]],
    "text-font": BOLD,
    "text-size": ["interpolate", ["linear"], ["zoom"], 8, 16, 12, 18],
    "text-anchor": "left",
    "text-offset": [1.45, 0],
    "text-justify": "left",
    "text-optional": true,
    "text-padding": 4,
  },
  paint: { "text-color": ["get", "colour"], "text-halo-color": COLOUR.halo, "text-halo-width": 1.8 },
}));

const INCIDENTS: LayerSpecification[] = [
  {
    id: "incident-chosen",
    type: "circle",
    source: "incidents",
    filter: ["==", ["get", "id"], ""],
    paint: {
      "circle-radius": 25,
      "circle-color": "rgba(0,0,0,0)",
      "circle-stroke-color": "#ffffff",
      "circle-stroke-width": 3,
    },
  },
  {
    id: "incidents",
    type: "symbol",
    source: "incidents",
    layout: {
      "icon-image": ["get", "icon"],
      "icon-size": iconSize("incidents"),
      "icon-allow-overlap": true,
      // A station's value beside an incident is what one looks for first: it stays.
      "icon-ignore-placement": true,
      "symbol-sort-key": ["get", "rank"],
    },
  },
];

/** The whole map: ground, borders, names, stations and, on top of all, incidents. */
export function mapStyle(origin: string): StyleSpecification {
  return {
    version: 8,
    "font-faces": {
      [REGULAR[0] as string]: fontFace(origin, latin, vietnamese),
      [BOLD[0] as string]: fontFace(origin, latinBold, vietnameseBold),
    },
    sources: sources(origin),
    layers: [...GROUND, ...NAMES, LEADS, ...STATIONS, ...INCIDENTS],
    transition: { duration: 0, delay: 0 },
  };
}
