import { describe, expect, it } from "vitest";
import { Board } from "./board";
import type { LiveEvent } from "./live";
import { arrange, features, type Screen } from "./map/features";
import { pictureOf } from "./map/things";
import { inOrder, readProvisional } from "./provisional";

const SCREEN: Screen = {
  project: ([lon, lat]) => ({ x: lon * 1000, y: -lat * 1000 }),
  unproject: ({ x, y }) => [x / 1000, -y / 1000],
  sizeOf: () => 1,
};

function put(id: string, more: Record<string, unknown> = {}): LiveEvent {
  const properties = {
    provisional: true,
    title: "Mực nước Ái Nghĩa vượt báo động II",
    title_en: "Ái Nghĩa above alarm level II",
    severity: "severe",
    raised_at: "2025-10-29T10:32:05.000Z",
    cleared_at: null,
    ...more,
  };
  const geometry = { type: "Point", coordinates: [108.1, 15.8] };
  return { kind: "put", layer: "alarm", id, feature: { geometry, properties } };
}

function icons(board: Board): unknown[] {
  const { things } = pictureOf(board, { box: [0, 0, 1, 1], chosen: "", kept: new Set(), tiled: true });
  const points = features(things, "incidents", arrange(things, SCREEN, ""), "");
  return points.features.map((one) => [one.properties?.icon, one.properties?.id]);
}

describe("provisional alarms", () => {
  it("are told from saved ones, which are shown as incidents", () => {
    const board = new Board();
    expect(board.apply(put("a"))).toEqual(["alarm"]);
    expect(board.apply(put("b", { provisional: undefined }))).toEqual([]);
    expect([...board.provisional.keys()]).toEqual(["a"]);
    expect(readProvisional("x", null)).toBeNull();
  });

  it("go when they are removed, and with every new line or picture", () => {
    const board = new Board();
    board.apply(put("a"));
    expect(board.apply({ kind: "removed", layer: "alarm", id: "a", feature: null })).toEqual(["alarm"]);
    expect(board.apply({ kind: "removed", layer: "alarm", id: "a", feature: null })).toEqual([]);
    for (const kind of ["resumed", "ready", "reset"] as const) {
      board.apply(put("a"));
      expect(board.apply({ kind })).toContain("alarm");
      expect(board.provisional.size).toBe(0);
    }
  });

  it("stand in a fixed order, what is over last", () => {
    const board = new Board();
    board.apply(put("over", { severity: "extreme", cleared_at: "2025-10-29T10:40:00.000Z" }));
    board.apply(put("mild", { severity: "minor" }));
    board.apply(put("old"));
    board.apply(put("new", { raised_at: "2025-10-29T10:33:05.000Z" }));
    expect(inOrder(board.provisional.values()).map((one) => one.id)).toEqual(["new", "old", "mild", "over"]);
  });

  it("are drawn with a symbol of their own that opens nothing, unless they are over", () => {
    const board = new Board();
    board.apply(put("a"));
    board.apply(put("over", { cleared_at: "2025-10-29T10:40:00.000Z" }));
    expect(icons(board)).toEqual([["provisional-severe", undefined]]);
  });
});
