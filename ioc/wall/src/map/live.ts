import type { ExpressionSpecification, FilterSpecification, LayerSpecification } from "maplibre-gl";
import { SEVERITIES, WAITING } from "../model";
import { STATION_SHAPE } from "../shapes";
import { CLUSTER_ICON, COUNT, countOf } from "./clusters";
import { BOLD } from "./fonts";
import type { Palette } from "./palette";
import type { LiveSource } from "./style";
import { OFF_STATES, OLD_STATES, WELL_STATES } from "./symbols";
import type { Kind, Way } from "./things";

/** Below this zoom incidents are grouped, by the server and by the map itself. */
export const GROUPED_BELOW = 12;

/** Sizes of symbols at the zooms 7 and 12; the arrangement of the map counts with them. */
export const ICON_SIZE: Record<LiveSource, [number, number]> = {
  devices: [0.72, 1.15],
  cameras: [0.8, 1.15],
  incidents: [0.9, 1.25],
};

/** From here on a station among thousands has its own shape; before, it is a dot. */
const SHAPED_FROM = 13;

function iconSize(source: LiveSource): ExpressionSpecification {
  const [small, large] = ICON_SIZE[source];
  return ["interpolate", ["linear"], ["zoom"], 7, small, 12, large];
}

/** Drawn one by one from the board as well: seen there, over all others. */
const NOT_OVER: ExpressionSpecification = ["case", ["boolean", ["feature-state", "over"], false], 0, 1];

const OF_STATE: ExpressionSpecification = [
  "match",
  ["get", "state"],
  WELL_STATES,
  "well",
  OLD_STATES,
  "old",
  OFF_STATES,
  "off",
  "trouble",
];
const IS_CALM: ExpressionSpecification = [
  "in",
  ["get", "state"],
  ["literal", [...WELL_STATES, ...OFF_STATES]],
];

function leads(colour: Palette): LayerSpecification {
  return {
    id: "leads",
    type: "line",
    source: "leads",
    paint: { "line-color": colour.lead, "line-width": 1.2 },
  };
}

/** Stations over cameras: where there is room for one text only, it is the reading. */
function stations(colour: Palette): LayerSpecification[] {
  return (["cameras", "devices"] as const).map((source) => ({
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
    paint: {
      "text-color": ["match", ["get", "mood"], ["well", "off"], colour.calm, colour.trouble],
      "text-halo-color": colour.halo,
      "text-halo-width": 1.8,
    },
  }));
}

type From = { source: string; "source-layer"?: string };

/** Where the many of a kind come from. */
function from(kind: "incident" | "device" | "camera", way: Way, layer = `${kind}s`): From {
  return way === "tiles" ? { source: `${kind}_tiles`, "source-layer": layer } : { source: `${kind}_groups` };
}

/** Thousands of stations: dots while they are well, a shape with a cross where they are not. */
function manyPlaces(colour: Palette, kind: "device" | "camera", way: Way): LayerSpecification[] {
  const source = from(kind, way);
  const shape: ExpressionSpecification =
    kind === "camera"
      ? ["literal", "camera"]
      : ["match", ["get", "kind"], Object.keys(STATION_SHAPE), ["get", "kind"], "other"];
  const symbol = {
    ...source,
    type: "symbol" as const,
    layout: {
      "icon-image": ["concat", "place-", shape, "-", OF_STATE] as ExpressionSpecification,
      "icon-size": ["interpolate", ["linear"], ["zoom"], 7, 0.45, 12, 0.9] as ExpressionSpecification,
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
    },
    paint: { "icon-opacity": NOT_OVER },
  };
  return [
    {
      ...source,
      id: `${kind}-dots-${way}`,
      type: "circle",
      maxzoom: SHAPED_FROM,
      filter: IS_CALM,
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 7, 1.5, 13, 4],
        "circle-color": colour.calm,
        "circle-opacity": ["*", NOT_OVER, ["match", ["get", "state"], OFF_STATES, 0.35, 0.75]],
      },
    },
    { ...symbol, id: `${kind}-shapes-${way}`, minzoom: SHAPED_FROM, filter: IS_CALM },
    { ...symbol, id: `${kind}-odd-${way}`, filter: ["!", IS_CALM] },
  ];
}

/** The server's groups of stations: how many, and a ring as wide as the part of them that is in trouble. */
function stationClusters(colour: Palette, kind: "device" | "camera"): LayerSpecification[] {
  const source = from(kind, "tiles", "clusters");
  const of = (state: string): ExpressionSpecification => ["coalesce", ["get", `n_${state}`], 0];
  const well: ExpressionSpecification = [
    "+",
    ...[...WELL_STATES, ...OFF_STATES].map(of),
  ] as ExpressionSpecification;
  const troubled: ExpressionSpecification = ["-", 1, ["/", well, COUNT]];
  return [
    {
      ...source,
      id: `${kind}-clusters-tiles`,
      type: "circle",
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["log10", COUNT], 0.3, 8, 3.5, 13],
        "circle-color": colour.plate,
        "circle-opacity": 0.7,
        "circle-stroke-color": ["case", [">", troubled, 0], colour.trouble, colour.calm],
        "circle-stroke-opacity": ["interpolate", ["linear"], troubled, 0, 0.35, 0.3, 1],
        "circle-stroke-width": ["interpolate", ["linear"], troubled, 0, 0.8, 0.5, 5],
      },
    },
    {
      ...source,
      id: `${kind}-cluster-counts-tiles`,
      type: "symbol",
      layout: {
        "text-field": ["to-string", COUNT],
        "text-font": BOLD,
        "text-size": 11,
        "text-allow-overlap": true,
        "text-ignore-placement": true,
      },
      paint: { "text-color": colour.calm },
    },
  ];
}

const RANK: ExpressionSpecification = [
  "match",
  ["get", "severity"],
  "extreme",
  4,
  "severe",
  3,
  "moderate",
  2,
  1,
];
/** Of a cluster: the worst first, then the larger one. */
const CLUSTER_RANK = [
  "+",
  ["case", ...SEVERITIES.flatMap((severity, at) => [[">", countOf(severity), 0], (4 - at) * 1e6]), 0],
  COUNT,
] as unknown as ExpressionSpecification;

/** Thousands of incidents: groups with the worst in the middle, and those that stand alone. Extreme ones are drawn one by one. */
function manyIncidents(colour: Palette, way: Way): LayerSpecification[] {
  const isGroup: FilterSpecification = ["has", "point_count"];
  const waiting: ExpressionSpecification = ["in", ["get", "status"], ["literal", WAITING]];
  const lone = (id: string, severities: string[]): LayerSpecification => {
    const one: ExpressionSpecification = ["in", ["get", "severity"], ["literal", severities]];
    return {
      ...from("incident", way),
      id: `incident-${id}-${way}`,
      type: "symbol",
      filter: way === "tiles" ? one : ["all", ["!", isGroup], one],
      layout: {
        "icon-image": ["concat", "incident-", ["get", "severity"], "-", ["case", waiting, "new", "taken"]],
        "icon-size": iconSize("incidents"),
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "symbol-sort-key": RANK,
      },
      paint: { "icon-opacity": NOT_OVER },
    };
  };
  const clusters: LayerSpecification = {
    ...from("incident", way, "clusters"),
    id: `incident-clusters-${way}`,
    type: "symbol",
    ...(way === "tiles" ? {} : { filter: isGroup }),
    layout: {
      "icon-image": CLUSTER_ICON,
      "icon-size": ["interpolate", ["linear"], ["log10", COUNT], 0.3, 0.8, 3.5, 1.25],
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
      "text-field": ["to-string", COUNT],
      "text-font": BOLD,
      "text-size": ["interpolate", ["linear"], ["log10", COUNT], 0.3, 12, 3.5, 17],
      // It stands where its worst is: an extreme one is drawn there by itself, and the group beside it.
      "icon-offset": ["case", [">", countOf("extreme"), 0], ["literal", [31, 0]], ["literal", [0, 0]]],
      "text-offset": [
        "case",
        [">", countOf("extreme"), 0],
        ["literal", [2.15, 0.35]],
        ["literal", [0, 0.35]],
      ],
      "text-allow-overlap": true,
      "text-ignore-placement": true,
      "symbol-sort-key": CLUSTER_RANK,
    },
    paint: { "text-color": colour.text },
  };
  return [lone("lesser", ["moderate", "minor"]), clusters, lone("severe", ["severe"])];
}

/** A tile that is too full says how many it leaves out; `map.ts` writes the words. */
function dropped(colour: Palette, kind: "incident" | "device"): LayerSpecification {
  return {
    id: `${kind}-dropped-tiles`,
    ...from(kind, "tiles", "meta"),
    type: "symbol",
    filter: [">", ["coalesce", ["get", "n_dropped"], 0], 0],
    layout: {
      "text-field": ["concat", "+", ["to-string", ["get", "n_dropped"]]],
      "text-font": BOLD,
      "text-size": kind === "incident" ? 16 : 13,
      "text-offset": [0, kind === "incident" ? 0 : 1.6],
      "text-allow-overlap": true,
      "text-ignore-placement": true,
    },
    paint: {
      "text-color": kind === "incident" ? colour.text : colour.calm,
      "text-halo-color": colour.halo,
      "text-halo-width": 2.5,
    },
  };
}

/** Weighed by severity: eight minor ones are as warm as an extreme one. */
function heat(colour: Palette): LayerSpecification {
  const [first, second, third, fourth, last] = colour.heat;
  return {
    id: "heat",
    type: "heatmap",
    source: "heat",
    layout: { visibility: "none" },
    paint: {
      "heatmap-weight": ["get", "weight"],
      "heatmap-radius": ["interpolate", ["exponential", 1.5], ["zoom"], 6, 14, 9, 30, 13, 80],
      "heatmap-intensity": ["interpolate", ["linear"], ["zoom"], 6, 0.5, 12, 1.6],
      "heatmap-opacity": 0.85,
      "heatmap-color": [
        "interpolate",
        ["linear"],
        ["heatmap-density"],
        0,
        "rgba(0,0,0,0)",
        0.08,
        first,
        0.3,
        second,
        0.5,
        third,
        0.75,
        fourth,
        1,
        last,
      ],
    },
  };
}

function incidents(colour: Palette): LayerSpecification[] {
  return [
    {
      id: "incident-chosen",
      type: "circle",
      source: "incidents",
      filter: ["==", ["get", "id"], ""],
      paint: {
        "circle-radius": 25,
        "circle-color": "rgba(0,0,0,0)",
        "circle-stroke-color": colour.ring,
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
}

function hidden(layer: LayerSpecification): LayerSpecification {
  return { ...layer, layout: { ...layer.layout, visibility: "none" } } as LayerSpecification;
}

function places(colour: Palette, way: Way): LayerSpecification[] {
  const clusters =
    way === "tiles" ? [...stationClusters(colour, "camera"), ...stationClusters(colour, "device")] : [];
  return [...manyPlaces(colour, "camera", way), ...manyPlaces(colour, "device", way), ...clusters].map(
    hidden,
  );
}

/** What is worse lies over what is not; extreme incidents lie over all. Layers of the many are hidden at first. */
export function live(colour: Palette): LayerSpecification[] {
  const many = [...manyIncidents(colour, "tiles"), ...manyIncidents(colour, "groups")];
  return [
    leads(colour),
    ...places(colour, "tiles"),
    ...places(colour, "groups"),
    ...stations(colour),
    heat(colour),
    ...many.map(hidden),
    ...[dropped(colour, "device"), dropped(colour, "incident")].map(hidden),
    ...incidents(colour),
  ];
}

/** What a layer shows: of a kind, drawn one by one (`null`) or as many. */
export interface Shows {
  kind: Kind;
  way: Way | null;
}

const ONE_BY_ONE: Record<string, Kind> = { cameras: "cameras", devices: "devices" };

/** Of which way a layer is, null for a layer that is always there. */
export function showsOf(id: string): Shows | null {
  const alone = ONE_BY_ONE[id];
  if (alone) return { kind: alone, way: null };
  const [, what, way] = /^(incident|device|camera)-.*-(tiles|groups)$/.exec(id) ?? [];
  return what ? { kind: `${what}s` as Kind, way: way as Way } : null;
}

/** Layers that answer the pointer, with what they show; the first found lies on top. */
export const TOUCHED: Record<string, "incident" | "device" | "camera" | "cluster"> = {
  incidents: "incident",
  "incident-severe-tiles": "incident",
  "incident-severe-groups": "incident",
  "incident-clusters-tiles": "cluster",
  "incident-clusters-groups": "cluster",
  "incident-lesser-tiles": "incident",
  "incident-lesser-groups": "incident",
  "device-clusters-tiles": "cluster",
  "camera-clusters-tiles": "cluster",
  devices: "device",
  "device-dots-tiles": "device",
  "device-shapes-tiles": "device",
  "device-odd-tiles": "device",
  "device-dots-groups": "device",
  "device-shapes-groups": "device",
  "device-odd-groups": "device",
  cameras: "camera",
  "camera-dots-tiles": "camera",
  "camera-shapes-tiles": "camera",
  "camera-odd-tiles": "camera",
  "camera-dots-groups": "camera",
  "camera-shapes-groups": "camera",
  "camera-odd-groups": "camera",
};
