import { describe, expect, it } from "vitest";
import { Board } from "../board";
import { arrange as arranged, features, type Screen } from "./features";
import { pictureOf, type Things } from "./things";

const SCREEN: Screen = {
  project: ([lon, lat]) => ({ x: lon * 1000, y: -lat * 1000 }),
  unproject: ({ x, y }) => [x / 1000, -y / 1000],
  sizeOf: () => 1,
};
const PLACE = [108, 15];
const CALM = { box: [0, 0, 1, 1] as const, kept: new Set<string>(), tiled: true };

const thingsOf = (board: Board, chosen: string): Things => pictureOf(board, { ...CALM, chosen }).things;
const arrange = (board: Board, screen: Screen, chosen: string) =>
  arranged(thingsOf(board, chosen), screen, chosen);

function put(
  board: Board,
  layer: string,
  id: string,
  properties: Record<string, unknown>,
  coordinates = PLACE,
): void {
  const feature = { geometry: { type: "Point", coordinates }, properties };
  board.apply({ kind: "put", layer, id, feature });
}

/** Two incidents at one station, the worse one first in line for the place. */
function crowded(): Board {
  const board = new Board();
  put(board, "device", "gauge", { profile: "river-gauge" });
  put(board, "incident", "worse", { severity: "extreme", status: "new" });
  put(board, "incident", "lesser", { severity: "minor", status: "new" });
  return board;
}

function drawnAt(board: Board, id: string, chosen: string): number[] | undefined {
  const points = features(thingsOf(board, chosen), "incidents", arrange(board, SCREEN, chosen), chosen);
  return points.features.find((one) => one.properties?.id === id)?.geometry.coordinates;
}

describe("incidents that share a place", () => {
  it("stand side by side, the worst at the place itself", () => {
    expect(drawnAt(crowded(), "worse", "")).toEqual(PLACE);
    expect(drawnAt(crowded(), "lesser", "")).not.toEqual(PLACE);
  });

  it("leave the place to the chosen one", () => {
    expect(drawnAt(crowded(), "lesser", "lesser")).toEqual(PLACE);
    expect(drawnAt(crowded(), "worse", "lesser")).not.toEqual(PLACE);
    expect(arrange(crowded(), SCREEN, "lesser").leads.features).toHaveLength(1);
  });

  it("leave it also when they stand at a station close by", () => {
    const board = crowded();
    const near = [108.005, 15];
    put(board, "incident", "camera's", { severity: "minor", status: "new" }, near);
    expect(drawnAt(board, "camera's", "")).not.toEqual(near);
    expect(drawnAt(board, "camera's", "camera's")).toEqual(near);
    expect(drawnAt(board, "worse", "camera's")).not.toEqual(PLACE);
    expect(drawnAt(board, "worse", "")).toEqual(PLACE);
  });
});

describe("the value of a gauge", () => {
  it("is not covered by an incident that is elsewhere", () => {
    const board = new Board();
    const at = "2026-01-01T00:00:00Z";
    const latest = { water_level: { value: 6.5, unit: "m", at, observed_at: at } };
    put(board, "device", "gauge", { profile: "river-gauge", kind: "river-gauge", latest });
    put(board, "incident", "camera's", { severity: "minor", status: "new" }, [108.045, 15]);
    const things = thingsOf(board, "");
    expect(
      features(things, "devices", arrange(board, SCREEN, ""), "").features[0]?.properties?.brief,
    ).not.toBe("");
    const beside = drawnAt(board, "camera's", "");
    expect(beside).toBeDefined();
    const [, lat = 15] = beside ?? [];
    expect(Math.abs(lat - 15) * 1000).toBeGreaterThan(25);
    const chosen = drawnAt(board, "camera's", "camera's");
    expect(chosen).toEqual([108.045, 15]);
  });
});
