import { isJson, number, type Position } from "../model";

/** A point of the picture, 0..1 from its top left. */
export type Spot = readonly [number, number];

/** A mark while it is being made: where it is in the picture, and where on the ground. */
export interface Mark {
  picture: Spot | null;
  ground: Position | null;
}

/** A mark as it is kept. */
export interface Tied {
  x: number;
  y: number;
  lon: number;
  lat: number;
}

export const LEAST = 4;
export const MOST = 8;
/** How far ahead a view is drawn, in metres; as the server draws it. */
export const REACH_M = 150;
const COLUMNS = 9;
const EARTH_M = 6_371_008.8;
const radians = (degrees: number) => (degrees * Math.PI) / 180;
const clamp = (value: number) => Math.min(1, Math.max(0, value));

export const EMPTY: Mark = { picture: null, ground: null };

/** The marks that a record has, with empty ones up to four. */
export function marksOf(value: unknown): Mark[] {
  const kept = Array.isArray(value) ? value.filter(isJson) : [];
  const marks = kept.flatMap((one): Mark[] => {
    const [x, y, lon, lat] = [number(one.x), number(one.y), number(one.lon), number(one.lat)];
    return x === null || y === null || lon === null || lat === null
      ? []
      : [{ picture: [x, y], ground: [lon, lat] }];
  });
  while (marks.length < LEAST) marks.push(EMPTY);
  return marks;
}

/** The marks that have both their places. */
export function tied(marks: readonly Mark[]): Tied[] {
  return marks.flatMap(({ picture, ground }) =>
    picture && ground ? [{ x: picture[0], y: picture[1], lon: ground[0], lat: ground[1] }] : [],
  );
}

/** Which mark is to be placed next, and where; null when all are whole. */
export function wanting(marks: readonly Mark[]): { at: number; where: "picture" | "ground" } | null {
  for (const [at, mark] of marks.entries()) {
    if (!mark.picture) return { at, where: "picture" };
    if (!mark.ground) return { at, where: "ground" };
  }
  return null;
}

export function within([x, y]: Spot): Spot {
  const round = (value: number) => Math.round(clamp(value) * 1e4) / 1e4;
  return [round(x), round(y)];
}

/** Metres east and north of a place; flat enough for what a camera sees. */
function metresFrom([lon, lat]: Position): (other: Position) => [number, number] {
  const scale = EARTH_M * Math.cos(radians(lat));
  return ([east, north]) => [radians(east - lon) * scale, radians(north - lat) * EARTH_M];
}

export function away([lon, lat]: Position, east: number, north: number): Position {
  const degrees = (metres: number, radius: number) => ((metres / radius) * 180) / Math.PI;
  return [lon + degrees(east, EARTH_M * Math.cos(radians(lat))), lat + degrees(north, EARTH_M)];
}

/** Clockwise from north, 0 to 360. */
export function bearingOf(from: Position, to: Position): number {
  const [east, north] = metresFrom(from)(to);
  return turned((Math.atan2(east, north) * 180) / Math.PI);
}

/** A bearing within 0..360, to a tenth of a degree. */
export function turned(bearing: number): number {
  const round = Math.round((((bearing % 360) + 360) % 360) * 10) / 10;
  return round === 360 ? 0 : round;
}

/** The angle of view whose edge lies at a bearing: twice as far as that is from the middle. */
export function openedTo(bearing: number, edge: number): number {
  const off = Math.abs(((edge - bearing + 540) % 360) - 180);
  return Math.min(360, Math.max(1, Math.round(off * 20) / 10));
}

/** Solves a system of linear equations; null where it has no one answer. */
function solved(rows: number[][]): number[] | null {
  const size = rows.length;
  for (let at = 0; at < size; at += 1) {
    let best = at;
    for (let row = at + 1; row < size; row += 1)
      if (Math.abs(rows[row]?.[at] ?? 0) > Math.abs(rows[best]?.[at] ?? 0)) best = row;
    const pivot = rows[best] as number[];
    rows[best] = rows[at] as number[];
    rows[at] = pivot;
    const strength = pivot[at] ?? 0;
    if (Math.abs(strength) < 1e-9) return null;
    for (const [row, line] of rows.entries()) {
      if (row === at) continue;
      const share = (line[at] ?? 0) / strength;
      for (let column = at; column <= size; column += 1)
        line[column] = (line[column] ?? 0) - share * (pivot[column] ?? 0);
    }
  }
  return rows.map((row, at) => (row[size] ?? 0) / (row[at] ?? 1));
}

type Plane = (x: number, y: number) => [number, number] | null;

/**
 * From the picture to metres on the ground, by least squares; null where the marks tie no plane. What lies at or above
 * the horizon is null.
 */
export function planeOf(marks: readonly Tied[], origin: Position): Plane | null {
  if (marks.length < LEAST) return null;
  const metres = metresFrom(origin);
  const equations = marks.flatMap(({ x, y, lon, lat }) => {
    const [east, north] = metres([lon, lat]).map((value) => value / 100) as [number, number];
    return [
      [x, y, 1, 0, 0, 0, -east * x, -east * y, east],
      [0, 0, 0, x, y, 1, -north * x, -north * y, north],
    ];
  });
  const normal = Array.from({ length: 8 }, (_, row) =>
    Array.from({ length: 9 }, (_, column) =>
      equations.reduce((sum, line) => sum + (line[row] ?? 0) * (line[column] ?? 0), 0),
    ),
  );
  const found = solved(normal);
  if (!found) return null;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = found;
  const depth = (x: number, y: number) => g * x + h * y + 1;
  const sign = Math.sign(depth(marks[0]?.x ?? 0, marks[0]?.y ?? 0));
  if (marks.some(({ x, y }) => Math.sign(depth(x, y)) !== sign)) return null;
  return (x, y) => {
    const far = depth(x, y) * sign;
    if (far < 1e-4) return null;
    return [(100 * sign * (a * x + b * y + c)) / far, (100 * sign * (d * x + e * y + f)) / far];
  };
}

/** The ground that the picture shows by its marks, a closed ring; empty where they do not tell. */
export function seenBy(marks: readonly Tied[]): Position[] {
  const [first] = marks;
  if (!first) return [];
  const origin: Position = [first.lon, first.lat];
  const plane = planeOf(marks, origin);
  const foot = plane?.(0.5, 1);
  if (!plane || !foot) return [];
  const near = (x: number, y: number) => {
    const there = plane(x, y);
    return there !== null && Math.hypot(there[0] - foot[0], there[1] - foot[1]) <= REACH_M;
  };
  const bottom: Position[] = [];
  const top: Position[] = [];
  for (let column = 0; column < COLUMNS; column += 1) {
    const x = column / (COLUMNS - 1);
    if (!near(x, 1)) continue;
    let [inside, outside] = [1, 0];
    for (let round = 0; round < 30 && !near(x, 0); round += 1) {
      const middle = (inside + outside) / 2;
      if (near(x, middle)) inside = middle;
      else outside = middle;
    }
    const ends = [plane(x, 1), plane(x, near(x, 0) ? 0 : inside)];
    const [low, high] = ends;
    if (!low || !high) continue;
    bottom.push(away(origin, ...low));
    top.unshift(away(origin, ...high));
  }
  const ring = [...bottom, ...top];
  return ring.length < 4 ? [] : [...ring, ring[0] as Position];
}

/** What a camera may see by its bearing and angle alone. */
export function sectorOf(place: Position, bearing: number, fov: number): Position[] {
  const steps = 12;
  const arc = Array.from({ length: steps + 1 }, (_, step) => {
    const angle = radians(bearing - fov / 2 + (fov * step) / steps);
    return away(place, REACH_M * Math.sin(angle), REACH_M * Math.cos(angle));
  });
  return [place, ...arc, place];
}

/** How far off places in the middle of the marks may be, in a word: a lane, a street, or worse. */
export function verdictOf(error: number): "good" | "check" | "bad" {
  if (error <= 3) return "good";
  return error <= 10 ? "check" : "bad";
}
