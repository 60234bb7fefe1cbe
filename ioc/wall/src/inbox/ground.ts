/** The small map: the ground around a place as lines on a grid, and where things lie on it. Pure. */

import { isJson, words } from "./wire";

export const GRID = 1000;

export interface Piece {
  kind: string;
  name: string;
  lines: number[][];
}

export interface Outline {
  box: [number, number, number, number];
  pieces: Piece[];
}

function numbers(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((one): one is number => typeof one === "number") : [];
}

export function outlineOf(value: unknown): Outline | null {
  if (!isJson(value) || !Array.isArray(value.pieces)) return null;
  const box = numbers(value.box);
  const [west, south, east, north] = box;
  if (west === undefined || south === undefined || east === undefined || north === undefined) return null;
  const pieces = value.pieces.filter(isJson).map((piece) => ({
    kind: words(piece.kind),
    name: words(piece.name),
    lines: Array.isArray(piece.lines) ? piece.lines.map(numbers) : [],
  }));
  return { box: [west, south, east, north], pieces };
}

/** Where a place lies on the grid: x to the east, y to the south. */
export function onGrid(outline: Outline, at: readonly [number, number]): [number, number] {
  const [west, south, east, north] = outline.box;
  return [
    Math.round(((at[0] - west) / (east - west)) * GRID),
    Math.round(((north - at[1]) / (north - south)) * GRID),
  ];
}

/** A line of the grid as the text of an SVG path. */
export function pathOf(line: readonly number[], closed: boolean): string {
  const steps: string[] = [];
  for (let at = 0; at + 1 < line.length; at += 2) {
    steps.push(`${at === 0 ? "M" : "L"}${line[at]} ${line[at + 1]}`);
  }
  return steps.join("") + (closed ? "Z" : "");
}

/** Metres between two places (lon, lat), by the haversine formula on a sphere of 6,371 km. */
export function metres(one: readonly [number, number], other: readonly [number, number]): number {
  const rad = Math.PI / 180;
  const [dlat, dlon] = [(other[1] - one[1]) * rad, (other[0] - one[0]) * rad];
  const a =
    Math.sin(dlat / 2) ** 2 + Math.cos(one[1] * rad) * Math.cos(other[1] * rad) * Math.sin(dlon / 2) ** 2;
  return 2 * 6_371_000 * Math.asin(Math.min(1, Math.sqrt(a)));
}

/** A distance in words: "350 m", "1,2 km". */
export function far(distance: number, locale: string): string {
  if (distance < 1000) return `${Math.round(distance / 10) * 10} m`;
  return `${(distance / 1000).toLocaleString(locale, { maximumFractionDigits: 1 })} km`;
}

/** The address that a phone opens in its own map (RFC 5870). */
export function geoLink(at: readonly [number, number]): string {
  const place = `${at[1].toFixed(6)},${at[0].toFixed(6)}`;
  return `geo:${place}?q=${place}`;
}
