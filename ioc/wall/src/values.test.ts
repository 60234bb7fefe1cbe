import { describe, expect, it } from "vitest";
import { Board } from "./board";
import { LatestValues } from "./values";

function station(value: number, id = "gauge") {
  const properties = { code: id, name: id, latest: { water_level: { value, unit: "m" } } };
  return { type: "Feature", id, geometry: { type: "Point", coordinates: [108, 15] }, properties };
}

function boardWith(value: number): Board {
  const board = new Board();
  board.apply({ kind: "put", layer: "device", id: "gauge", feature: station(value) });
  return board;
}

describe("the values of stations", () => {
  it("are told when they differ, over all pages", async () => {
    const board = boardWith(1);
    board.apply({ kind: "put", layer: "device", id: "other", feature: station(5, "other") });
    const told: string[] = [];
    const asked: string[] = [];
    const pages = [
      { features: [station(2)], links: [{ rel: "next", href: "http://elsewhere/ogc/x?after=1" }] },
      { features: [station(5, "other")], links: [] },
    ];
    await new LatestValues(
      board,
      (id) => told.push(id),
      async (path) => {
        asked.push(path);
        return pages[asked.length - 1];
      },
    ).look();
    expect(told).toEqual(["gauge"]);
    expect(asked[1]).toBe("/ogc/collections/devices/items?after=1");
  });

  it("never undo what the stream has told meanwhile", async () => {
    const board = boardWith(1);
    const told: string[] = [];
    await new LatestValues(
      board,
      (id) => told.push(id),
      async () => {
        board.apply({ kind: "put", layer: "device", id: "gauge", feature: station(3) });
        return { features: [station(2)] };
      },
    ).look();
    expect(told).toEqual([]);
  });
});
