import type { Feature, Point } from "geojson";
import type { Board } from "../board";
import { type Incident, isOpen, type Place, type Position, SEVERITIES } from "../model";
import type { Provisional } from "../provisional";

export type Located<T> = T & { position: Position };

/** What is drawn one by one from the board. */
export interface Things {
  /** Worst first. */
  incidents: Located<Incident>[];
  devices: Located<Place>[];
  cameras: Located<Place>[];
  provisional: Iterable<Provisional>;
  muted: ReadonlySet<string>;
}

/** West, south, east, north in degrees. */
export type Box = readonly [number, number, number, number];

/**
 * How the many are drawn that are not drawn one by one: `board` there are none, `tiles` as the server groups them,
 * `groups` as the map itself does, of what the board has.
 */
export type Way = "board" | "tiles" | "groups";

export const KINDS = ["incidents", "devices", "cameras"] as const;
export type Kind = (typeof KINDS)[number];

/** More symbols than these on one screen nobody can tell apart, and arranging them takes longer than a frame. */
export const MOST = 300;

export interface Picture {
  things: Things;
  ways: Record<Kind, Way>;
  /** Only what lies in the box was drawn of many: beyond it things are missing. */
  bounded: boolean;
  /** All open incidents that the reader's filter shows, for what counts them itself. */
  open: Located<Incident>[];
}

export interface Circumstances {
  box: Box;
  chosen: string;
  /** What is drawn one by one in any case: changed just now, or drawn so until what follows it is there. */
  kept: { has(id: string): boolean };
  /** Whether the server's tiles show this board: they show the present, and nothing but the present. */
  tiled: boolean;
}

/** A place with what the map is told of it. */
export function point(position: Position, properties: Record<string, unknown>): Feature<Point> {
  return { type: "Feature", geometry: { type: "Point", coordinates: [...position] }, properties };
}

export function isLocated<T extends { position: Position | null }>(one: T): one is Located<T> {
  return one.position !== null;
}

function rankOf(incident: Incident): number {
  return SEVERITIES.indexOf(incident.severity);
}

function inside([west, south, east, north]: Box, [lon, lat]: Position): boolean {
  return lon >= west && lon <= east && lat >= south && lat <= north;
}

interface Part<T> {
  list: Located<T>[];
  way: Way;
  bounded: boolean;
}

/** All where they are few, else those of the box where these are few, else what must not be hidden. */
function part<T>(all: Located<T>[], box: Box, must: (one: Located<T>) => boolean, tiled: boolean): Part<T> {
  if (all.length <= MOST) return { list: all, way: "board", bounded: false };
  const near = all.filter((one) => inside(box, one.position));
  if (near.length <= MOST) {
    const others = all.filter((one) => !inside(box, one.position) && must(one));
    return { list: [...near, ...others], way: "board", bounded: true };
  }
  return { list: all.filter(must), way: tiled ? "tiles" : "groups", bounded: false };
}

/**
 * What of a board is drawn one by one and how the rest is. Extreme incidents and the chosen one always are, and so is
 * what changed just now. With a filter of the reader the board is what is drawn: tiles know of no filter.
 */
export function pictureOf(board: Board, { box, chosen, kept, tiled }: Circumstances): Picture {
  const all = [...board.incidents.values()].filter(isOpen).filter(isLocated);
  const open = all.filter((one) => board.passes(one));
  const filtered = open.length < all.length;
  const worst = (one: Incident) => one.severity === "extreme" || one.id === chosen || kept.has(one.id);
  const incidents = part(open, box, worst, tiled && !filtered);
  const keep = (one: Place) => kept.has(one.code);
  const devices = part([...board.devices.values()].filter(isLocated), box, keep, tiled);
  const cameras = part([...board.cameras.values()].filter(isLocated), box, keep, tiled);
  return {
    things: {
      incidents: incidents.list.sort((a, b) => rankOf(a) - rankOf(b) || (a.id < b.id ? -1 : 1)),
      devices: devices.list,
      cameras: cameras.list,
      provisional: [...board.provisional.values()],
      muted: board.muted,
    },
    ways: { incidents: incidents.way, devices: devices.way, cameras: cameras.way },
    bounded: incidents.bounded || devices.bounded || cameras.bounded,
    open,
  };
}
