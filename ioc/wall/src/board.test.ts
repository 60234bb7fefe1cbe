import { describe, expect, it } from "vitest";
import { Board } from "./board";
import type { LiveEvent } from "./live";

function put(layer: string, id: string, properties: Record<string, unknown> = {}): LiveEvent {
  const geometry = { type: "Point", coordinates: [108.1, 15.8] };
  return { kind: "put", layer, id, feature: { type: "Feature", id, geometry, properties } };
}

describe("the board", () => {
  it("holds the last word on each thing", () => {
    const board = new Board();
    expect(board.apply(put("incident", "a", { severity: "minor", version: 1 }))).toEqual(["incident"]);
    board.apply(put("incident", "a", { severity: "extreme", version: 2 }));
    expect(board.incidents.size).toBe(1);
    expect(board.incidents.get("a")?.severity).toBe("extreme");
  });

  it("takes away what leaves the reader's scope", () => {
    const board = new Board();
    board.apply(put("camera", "cam-1"));
    expect(board.apply({ kind: "removed", layer: "camera", id: "cam-1", feature: null })).toEqual(["camera"]);
    expect(board.apply({ kind: "removed", layer: "camera", id: "cam-1", feature: null })).toEqual([]);
    expect(board.cameras.size).toBe(0);
  });

  it("drops, at the end of a new snapshot, what that no longer names", () => {
    const board = new Board();
    for (const event of [put("incident", "a"), put("device", "d"), put("incident", "b")]) board.apply(event);
    board.apply({ kind: "begin" });
    board.apply(put("incident", "b"));
    expect([...board.incidents.keys()]).toEqual(["a", "b"]);
    board.apply({ kind: "ready" });
    expect([...board.incidents.keys()]).toEqual(["b"]);
    expect(board.devices.size).toBe(0);
    expect(board.complete).toBe(true);
  });

  it("is empty after a reset", () => {
    const board = new Board();
    board.apply(put("incident", "a"));
    board.apply({ kind: "reset" });
    expect(board.incidents.size).toBe(0);
    expect(board.complete).toBe(false);
  });

  it("leaves alone what it does not know or cannot read", () => {
    const board = new Board();
    expect(board.apply(put("other", "t"))).toEqual([]);
    expect(board.apply({ kind: "put", layer: "incident", id: "x", feature: null })).toEqual([]);
    expect(board.apply({ kind: "put", layer: "device", id: "x", feature: { properties: 3 } })).toEqual([]);
  });
});
