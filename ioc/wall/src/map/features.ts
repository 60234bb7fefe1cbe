import type { Feature, FeatureCollection, LineString, Point } from "geojson";
import { measured } from "../format";
import { t } from "../i18n/language";
import { type Incident, isWaiting, type Place, type Position, SEVERITIES } from "../model";
import { inOrder, type Provisional } from "../provisional";
import { type Mark, type Shift, spread } from "./spread";
import type { LiveSource } from "./style";
import { incidentIcon, moodOf, placeIcon, provisionalIcon } from "./symbols";
import { type Located, point, type Things } from "./things";

/** The one property of a station that is worth its place on the map. */
const SHOWN: Record<string, string> = {
  "river-gauge": "water_level",
  "rain-station": "rain_sum",
  "air-station": "pm2_5",
  "traffic-loop": "speed",
};

/** Half of what the symbols cover at size 1, in pixels of the page. */
const RADIUS: Record<LiveSource, number> = { incidents: 15, devices: 11, cameras: 11 };
/** How wide a letter of a value is. */
const LETTER_PX = 9;
/** A symbol that was moved further than this gets a line to its place. */
const LEAD_PX = 6;

/** Between degrees and pixels, and how large symbols are at this zoom. */
export interface Screen {
  project: (position: Position) => Shift;
  unproject: (point: Shift) => Position;
  sizeOf: (source: LiveSource) => number;
}

/** Where each symbol is drawn, by source and id, and the lines from there to its place. */
export interface Arrangement {
  places: Map<string, Position>;
  leads: FeatureCollection<LineString>;
}

function keyOf(source: LiveSource, id: string): string {
  return `${source} ${id}`;
}

function shownValue(place: Place): string {
  const property = SHOWN[place.kind] ?? "";
  const latest = place.latest[property];
  return latest ? measured(latest.value, latest.unit, property) : "";
}

function briefOf(place: Place): string {
  return place.kind === "river-gauge" ? shownValue(place) : "";
}

/** Gauges first: their values are what the others make room for. */
function stations(devices: Located<Place>[]): Located<Place>[] {
  const rank = (place: Place) => (briefOf(place) === "" ? 1 : 0);
  return [...devices].sort((a, b) => rank(a) - rank(b) || (a.code < b.code ? -1 : 1));
}

interface Drawn {
  source: LiveSource;
  id: string;
  position: Position;
  text: string;
  fixed: boolean;
  under: boolean;
}

/**
 * Everything that has a place, in the order in which it gets it. An incident at its station stays there and the
 * station lies under it; for the others and their values incidents of cameras, stations without one and cameras make
 * room. The chosen incident stays wherever it is, and others at its place make room for it.
 */
function everything(things: Things, chosen: string): Drawn[] {
  const { incidents } = things;
  const at = (list: { position: Position }[]) => new Set(list.map((one) => one.position.join(" ")));
  const [incidentsAt, stationsAt] = [at(incidents), at(things.devices)];
  const first = at(incidents.filter((one) => one.id === chosen));
  const drawnIncidents = incidents.map(({ id, position }): Drawn => {
    const place = position.join(" ");
    const stays = id === chosen || (stationsAt.has(place) && !first.has(place));
    first.add(place);
    return { source: "incidents", id, position, text: "", fixed: stays, under: false };
  });
  const places = stations(things.devices).map((place): Drawn => {
    const under = incidentsAt.has(place.position.join(" "));
    const text = briefOf(place);
    return { source: "devices", id: place.code, position: place.position, text, fixed: under, under };
  });
  const cameras = things.cameras.map(
    ({ code, position }): Drawn => ({
      source: "cameras",
      id: code,
      position,
      text: "",
      fixed: false,
      under: false,
    }),
  );
  const fixed = [...drawnIncidents, ...places].filter((one) => one.fixed);
  const [valued, bare] = [places.filter(({ text }) => text !== ""), places.filter(({ text }) => text === "")];
  return [...fixed, ...[...valued, ...drawnIncidents, ...bare, ...cameras].filter((one) => !one.fixed)];
}

/** Lets what would stay in its place go aside after all where it would cover, or be covered by, the chosen one. */
function makingRoom(marks: Mark[], chosen: string): Mark[] {
  const one = marks.find((mark) => mark.id === chosen);
  if (!one) return marks;
  const freed = marks.map((mark) => {
    const apart = Math.hypot(mark.x - one.x, mark.y - one.y) >= one.radius + mark.radius;
    const stays = mark === one || mark.radius === 0 || apart;
    return { ...mark, fixed: mark.fixed && stays };
  });
  return [...freed.filter((mark) => mark.fixed), ...freed.filter((mark) => !mark.fixed)];
}

/** Keeps symbols apart on this screen, all but the chosen incident. A station lies under its own incident, its value stays free. */
export function arrange(things: Things, screen: Screen, chosen: string): Arrangement {
  const all = everything(things, chosen);
  const marks = all.map(({ source, id, position, text, fixed, under }): Mark => {
    const radius = under ? 0 : RADIUS[source] * screen.sizeOf(source);
    const at = screen.project(position);
    return { id: keyOf(source, id), ...at, radius, text: text.length * LETTER_PX, fixed };
  });
  const found = spread(makingRoom(marks, keyOf("incidents", chosen)));
  const places = new Map<string, Position>();
  const leads: Feature<LineString>[] = [];
  for (const { source, id, position } of all) {
    const key = keyOf(source, id);
    const [at, from] = [found.get(key), screen.project(position)];
    if (!at || Math.hypot(at.x - from.x, at.y - from.y) <= LEAD_PX) continue;
    const drawn = screen.unproject(at);
    places.set(key, drawn);
    const geometry: LineString = { type: "LineString", coordinates: [[...position], [...drawn]] };
    leads.push({ type: "Feature", geometry, properties: {} });
  }
  return { places, leads: { type: "FeatureCollection", features: leads } };
}

type Points = FeatureCollection<Point>;

function incidentPoint(incident: Incident, position: Position, chosen: boolean): Feature<Point> {
  const rank = SEVERITIES.length - SEVERITIES.indexOf(incident.severity);
  return point(position, {
    id: incident.id,
    icon: incidentIcon(incident.severity, isWaiting(incident)),
    rank: chosen ? SEVERITIES.length + 1 : rank,
  });
}

/** At their true places, over everything; without an id, for there is nothing to open. */
function provisionalPoints(provisional: Iterable<Provisional>): Feature<Point>[] {
  return inOrder(provisional).flatMap((one) =>
    one.position && !one.over
      ? [
          point(one.position, {
            icon: provisionalIcon(one.severity),
            rank: SEVERITIES.length - SEVERITIES.indexOf(one.severity),
          }),
        ]
      : [],
  );
}

function station(place: Place, kind: string, position: Position, muted: boolean): Feature<Point> {
  const mood = moodOf(place.state);
  return point(position, {
    id: place.code,
    icon: placeIcon(kind, mood),
    mood,
    brief: briefOf(place),
    label: [muted ? `${place.name} (${t("silence.mark")})` : place.name, shownValue(place)]
      .filter((part) => part !== "")
      .join("\n"),
  });
}

/** What is drawn one by one, as the map is given it. */
export function features(
  things: Things,
  source: LiveSource,
  { places }: Arrangement,
  chosen: string,
): Points {
  const at = (id: string, position: Position) => places.get(keyOf(source, id)) ?? position;
  if (source === "incidents") {
    const list = things.incidents.map((one) =>
      incidentPoint(one, at(one.id, one.position), one.id === chosen),
    );
    return { type: "FeatureCollection", features: [...list, ...provisionalPoints(things.provisional)] };
  }
  const list = things[source].map((place) =>
    station(
      place,
      source === "cameras" ? "camera" : place.kind,
      at(place.code, place.position),
      things.muted.has(place.code),
    ),
  );
  return { type: "FeatureCollection", features: list };
}
