import { describe, expect, it } from "vitest";
import { Board } from "../board";
import { type Circumstances, MOST, pictureOf } from "./things";

const ALL: Circumstances = { box: [100, 0, 120, 30], chosen: "", kept: new Set(), tiled: true };

function put(board: Board, layer: string, id: string, properties: Record<string, unknown>, lon = 108): void {
  const feature = { geometry: { type: "Point", coordinates: [lon, 15] }, properties };
  board.apply({ kind: "put", layer, id, feature });
}

/** More incidents than a screen holds: one extreme, and one far away. */
function flood(): Board {
  const board = new Board();
  for (let at = 0; at < MOST; at += 1)
    put(board, "incident", `minor ${at}`, { severity: "minor", status: "new", area_code: String(at % 2) });
  put(board, "incident", "extreme", { severity: "extreme", status: "acknowledged" });
  put(board, "incident", "far", { severity: "minor", status: "new" }, 119);
  return board;
}

const ids = (board: Board, how: Partial<Circumstances> = {}) =>
  pictureOf(board, { ...ALL, ...how }).things.incidents.map((one) => one.id);

describe("what the map draws one by one", () => {
  it("is everything while that is little", () => {
    const board = new Board();
    put(board, "incident", "lesser", { severity: "minor", status: "new" });
    put(board, "incident", "worse", { severity: "severe", status: "new" });
    put(board, "incident", "ended", { severity: "extreme", status: "closed" });
    put(board, "device", "gauge", { profile: "river-gauge" });
    expect(ids(board)).toEqual(["worse", "lesser"]);
    expect(pictureOf(board, ALL)).toMatchObject({
      ways: { incidents: "board", devices: "board" },
      bounded: false,
    });
  });

  it("is what is extreme, chosen or new where the rest is grouped", () => {
    expect(ids(flood())).toEqual(["extreme"]);
    expect(ids(flood(), { chosen: "minor 7", kept: new Set(["minor 9"]) })).toEqual([
      "extreme",
      "minor 7",
      "minor 9",
    ]);
    expect(pictureOf(flood(), ALL)).toMatchObject({ ways: { incidents: "tiles", devices: "board" } });
  });

  it("is everything of a box that holds few, and what is extreme elsewhere", () => {
    const found = pictureOf(flood(), { ...ALL, box: [118, 0, 120, 30] });
    expect(found.things.incidents.map((one) => one.id)).toEqual(["extreme", "far"]);
    expect(found).toMatchObject({ ways: { incidents: "board" }, bounded: true });
  });

  it("leaves tiles alone with a filter, and for a board of another time", () => {
    const board = flood();
    for (let at = 0; at < MOST; at += 1)
      put(board, "incident", `more ${at}`, { severity: "severe", status: "new" });
    expect(pictureOf(board, { ...ALL, tiled: false }).ways.incidents).toBe("groups");
    board.passes = (one) => one.severity !== "extreme";
    expect(pictureOf(board, ALL).ways.incidents).toBe("groups");
    board.passes = (one) => one.areaCode === "1";
    expect(pictureOf(board, ALL)).toMatchObject({ ways: { incidents: "board" }, bounded: false });
  });

  it("groups stations, and leaves the few cameras as they are", () => {
    const board = new Board();
    for (let at = 0; at <= MOST; at += 1) put(board, "device", `gauge ${at}`, {});
    put(board, "camera", "cam", {});
    const found = pictureOf(board, { ...ALL, kept: new Set(["gauge 3"]) });
    expect(found.ways).toEqual({ incidents: "board", devices: "tiles", cameras: "board" });
    expect(found.things.devices.map((one) => one.code)).toEqual(["gauge 3"]);
    expect(found.things.cameras.map((one) => one.code)).toEqual(["cam"]);
  });
});
