import type { Feature, FeatureCollection, Point } from "geojson";
import type { Board } from "../board";
import { quantity } from "../format";
import { isOpen, isWaiting, type Place, SEVERITIES } from "../model";
import { CALM_COLOUR, TROUBLE_COLOUR } from "../shapes";
import type { LiveSource } from "./style";
import { incidentIcon, moodOf, placeIcon } from "./symbols";

/** The one property of a station that is worth its place on the map. */
const SHOWN: Record<string, string> = {
  "river-gauge": "water_level",
  "rain-station": "rain_sum",
  "air-station": "pm2_5",
  "traffic-loop": "speed",
};

type Points = FeatureCollection<Point>;

function point(position: readonly [number, number], properties: Record<string, unknown>): Feature<Point> {
  return { type: "Feature", geometry: { type: "Point", coordinates: [...position] }, properties };
}

function incidents(board: Board): Feature<Point>[] {
  return [...board.incidents.values()].flatMap((incident) =>
    incident.position && isOpen(incident)
      ? point(incident.position, {
          id: incident.id,
          icon: incidentIcon(incident.severity, isWaiting(incident)),
          rank: SEVERITIES.length - SEVERITIES.indexOf(incident.severity),
        })
      : [],
  );
}

function station(place: Place, kind: string): Feature<Point>[] {
  if (!place.position) return [];
  const mood = moodOf(place.state);
  const latest = place.latest[SHOWN[place.kind] ?? ""];
  const value = latest ? quantity(latest.value, latest.unit) : "";
  return [
    point(place.position, {
      id: place.code,
      icon: placeIcon(kind, mood),
      colour: mood === "well" || mood === "off" ? CALM_COLOUR : TROUBLE_COLOUR,
      brief: place.kind === "river-gauge" ? value : "",
      label: [place.name, value].filter((part) => part !== "").join("\n"),
    }),
  ];
}

/** What the live stream has told, as the map draws it. */
export function features(board: Board, source: LiveSource): Points {
  const list =
    source === "incidents"
      ? incidents(board)
      : source === "devices"
        ? [...board.devices.values()].flatMap((place) => station(place, place.kind))
        : [...board.cameras.values()].flatMap((place) => station(place, "camera"));
  return { type: "FeatureCollection", features: list };
}
