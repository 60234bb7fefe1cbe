import { describe, expect, it } from "vitest";
import type { Position } from "../model";
import {
  away,
  bearingOf,
  EMPTY,
  marksOf,
  openedTo,
  planeOf,
  sectorOf,
  seenBy,
  type Tied,
  tied,
  turned,
  verdictOf,
  wanting,
  within,
} from "./aim";

const HERE: Position = [108.33, 15.88];

/** Marks of a camera that hangs at HERE, looks north, and whose picture's depth grows as 1 / y. */
function looking(points: ReadonlyArray<readonly [number, number]>): Tied[] {
  return points.map(([x, y]) => {
    const north = 10 / (y - 0.2);
    const [lon, lat] = away(HERE, (x - 0.5) * north, north);
    return { x, y, lon, lat };
  });
}

const FOUR = looking([
  [0.2, 0.9],
  [0.8, 0.9],
  [0.3, 0.5],
  [0.7, 0.5],
]);

describe("marks", () => {
  it("are four at least, and only whole ones count", () => {
    const marks = marksOf([{ x: 0.1, y: 0.9, lon: 108, lat: 15 }, { x: "no" }]);
    expect(marks).toHaveLength(4);
    expect(tied(marks)).toEqual([{ x: 0.1, y: 0.9, lon: 108, lat: 15 }]);
    expect(wanting(marks)).toEqual({ at: 1, where: "picture" });
    expect(wanting([{ picture: [0, 0], ground: null }])).toEqual({ at: 0, where: "ground" });
    expect(wanting([])).toBeNull();
    expect(marksOf(null)).toEqual([EMPTY, EMPTY, EMPTY, EMPTY]);
  });

  it("stay in the picture", () => {
    expect(within([-0.2, 1.4])).toEqual([0, 1]);
  });
});

describe("the plane of the ground", () => {
  it("is found from four marks, and from a fifth between them", () => {
    for (const marks of [FOUR, [...FOUR, ...looking([[0.5, 0.7]])]]) {
      const [east, north] = planeOf(marks, HERE)?.(0.6, 0.6) ?? [0, 0];
      expect(east).toBeCloseTo(2.5, 2);
      expect(north).toBeCloseTo(25, 2);
    }
  });

  it("has nothing above the horizon", () => {
    expect(planeOf(FOUR, HERE)?.(0.5, 0.1)).toBeNull();
  });

  it("is none of three marks, or of marks on a line", () => {
    expect(planeOf(FOUR.slice(1), HERE)).toBeNull();
    const line = [0.5, 0.6, 0.7, 0.8].map((y) => [0.5, y] as const);
    expect(planeOf(looking(line), HERE)).toBeNull();
  });
});

describe("what a camera sees", () => {
  it("is ahead of it, not farther than the reach", () => {
    const ring = seenBy(FOUR);
    expect(ring[0]).toEqual(ring.at(-1));
    const reach = ring.map(([, lat]) => ((lat - HERE[1]) * Math.PI * 6_371_008.8) / 180);
    expect(Math.min(...reach)).toBeCloseTo(12.5, 1);
    expect(Math.max(...reach)).toBeGreaterThan(140);
    expect(Math.max(...reach)).toBeLessThan(165);
  });

  it("is not known without marks", () => {
    expect(seenBy([])).toEqual([]);
  });

  it("is a sector by its bearing", () => {
    const ring = sectorOf(HERE, 90, 60);
    expect(ring).toHaveLength(15);
    expect(bearingOf(HERE, ring[1] as Position)).toBeCloseTo(60, 1);
    expect(bearingOf(HERE, ring[13] as Position)).toBeCloseTo(120, 1);
  });
});

describe("turning", () => {
  it("stays between 0 and 360", () => {
    expect(turned(-10)).toBe(350);
    expect(turned(359.99)).toBe(0);
    expect(bearingOf(HERE, away(HERE, -10, 0))).toBe(270);
  });

  it("opens the view to where its edge is", () => {
    expect(openedTo(350, 20)).toBe(60);
    expect(openedTo(10, 340)).toBe(60);
    expect(openedTo(90, 90)).toBe(1);
  });
});

it("says in a word how far off a place may be", () => {
  expect([1.2, 3, 6, 10, 25].map(verdictOf)).toEqual(["good", "good", "check", "check", "bad"]);
});
