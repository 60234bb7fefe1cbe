import { describe, expect, it } from "vitest";
import { Board } from "../board";
import { boxOf, marginOf, scopeOf } from "./scope";

function board(entries: [layer: string, id: string, at: number[] | null, status?: string][]): Board {
  const made = new Board();
  for (const [layer, id, coordinates, status] of entries) {
    const geometry = coordinates && { type: "Point", coordinates };
    made.apply({ kind: "put", layer, id, feature: { geometry, properties: { status } } });
  }
  return made;
}

describe("what the map opens on", () => {
  it("is the box around stations, cameras and open incidents", () => {
    const own = board([
      ["device", "gauge", [108.2, 15.5]],
      ["camera", "cam", [108.4, 15.4]],
      ["incident", "1", [108.1, 15.6], "new"],
      ["incident", "2", [107.5, 15.0], "closed"],
      ["device", "nowhere", null],
    ]);
    expect(scopeOf(own)).toEqual([
      [108.1, 15.4],
      [108.4, 15.6],
    ]);
  });

  it("is a point around one place and nothing around none", () => {
    expect(boxOf([[108, 15]])).toEqual([
      [108, 15],
      [108, 15],
    ]);
    expect(scopeOf(new Board())).toBeNull();
  });

  it("has at least half of the width of the map, on a phone as on a desk", () => {
    for (const width of [320, 390, 679, 680, 1280, 3840]) {
      const { left, right } = marginOf(width);
      expect(width - left - right, `${width}`).toBeGreaterThanOrEqual(width / 2);
    }
    expect(marginOf(1280)).toEqual({ top: 70, bottom: 70, left: 130, right: 210 });
  });
});
