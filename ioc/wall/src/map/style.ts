import type { SourceSpecification, StyleSpecification } from "maplibre-gl";
import { SEVERITIES } from "../model";
import { fontFaces } from "./fonts";
import { ground, names } from "./ground";
import { GROUPED_BELOW, live } from "./live";
import type { Palette } from "./palette";

export const EMPTY = { type: "FeatureCollection" as const, features: [] };
/** What is drawn one by one from the board, each kind in a source of its own. */
export const LIVE_SOURCES = ["devices", "cameras", "incidents"] as const;
export type LiveSource = (typeof LIVE_SOURCES)[number];

/** The tiles that the map reads; it refreshes what lies between these zooms. */
export const TILE_ZOOMS: readonly [number, number] = [4, 14];

/** The base map is no finer than this. */
const GROUND_TO = 12;
/** What a camera sees is a point before; the server has no such tiles. */
const VIEWS_FROM = 11;

export function tilesOf(origin: string, collection: string, query = ""): string {
  return `${origin}/ogc/collections/${collection}/tiles/WebMercatorQuad/{z}/{y}/{x}${query}`;
}

function tiles(origin: string, collection: string, key?: string): SourceSpecification {
  const [minzoom, maxzoom] = TILE_ZOOMS;
  const promoteId = key === undefined ? {} : { promoteId: { [collection]: key } };
  return { type: "vector", tiles: [tilesOf(origin, collection)], minzoom, maxzoom, ...promoteId };
}

/** How the map itself groups incidents: counts of each severity, as the server's clusters have them. */
function groups(): SourceSpecification {
  const one = (severity: string) => ["+", ["case", ["==", ["get", "severity"], severity], 1, 0]];
  return {
    type: "geojson",
    data: EMPTY,
    promoteId: "id",
    cluster: true,
    clusterMaxZoom: GROUPED_BELOW - 1,
    clusterRadius: 60,
    clusterProperties: Object.fromEntries(SEVERITIES.map((severity) => [`n_${severity}`, one(severity)])),
  };
}

/** What the ground and its names are drawn from. */
export function groundSources(origin: string): Record<string, SourceSpecification> {
  return {
    basemap: {
      type: "vector",
      tiles: [`${origin}/api/v1/basemap/tiles/{z}/{y}/{x}`],
      minzoom: TILE_ZOOMS[0],
      maxzoom: GROUND_TO,
    },
    areas: tiles(origin, "areas"),
    // One point a unit: a tile would name it once for each of its parts.
    area_names: { type: "geojson", data: `${origin}/api/v1/areas/labels` },
    camera_fov: { ...tiles(origin, "camera_fov"), minzoom: VIEWS_FROM } as SourceSpecification,
  };
}

function sources(origin: string): Record<string, SourceSpecification> {
  const all: Record<string, SourceSpecification> = {
    ...groundSources(origin),
    leads: { type: "geojson", data: EMPTY },
    incident_tiles: tiles(origin, "incidents", "id"),
    incident_groups: groups(),
    device_tiles: tiles(origin, "devices", "code"),
    device_groups: { type: "geojson", data: EMPTY, promoteId: "id" },
    camera_tiles: tiles(origin, "cameras", "code"),
    camera_groups: { type: "geojson", data: EMPTY, promoteId: "id" },
    heat: { type: "geojson", data: EMPTY },
  };
  for (const name of LIVE_SOURCES) all[name] = { type: "geojson", data: EMPTY };
  return all;
}

/** The whole map: ground, borders, names, stations and, on top of all, incidents. */
export function mapStyle(origin: string, palette: Palette): StyleSpecification {
  return {
    version: 8,
    "font-faces": fontFaces(origin),
    sources: sources(origin),
    layers: [...ground(palette), ...names(palette), ...live(palette)],
    transition: { duration: 0, delay: 0 },
  };
}
