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

describe("who took an incident", () => {
  it("is told with the moment at which this page saw it, and kept", () => {
    const board = new Board();
    const at = "2025-10-27T04:00:00Z";
    board.apply(put("incident", "a", { status: "new", version: 1, updated_at: at }));
    const taken = { status: "acknowledged", owner: "an", version: 2, updated_at: "2025-10-27T04:01:00Z" };
    board.apply(put("incident", "a", taken));
    board.apply(put("incident", "a", { ...taken, version: 3, updated_at: "2025-10-27T04:09:00Z" }));
    expect(board.incidents.get("a")?.takenAt).toBe(Date.parse("2025-10-27T04:01:00Z"));
    board.apply(put("incident", "b", taken));
    expect(board.incidents.get("b")?.takenAt).toBeNull();
    board.apply(put("incident", "a", { status: "reopened", version: 4, updated_at: at }));
    expect(board.incidents.get("a")?.takenAt).toBeNull();
  });
});

describe("two boards that share", () => {
  it("show what either is told, and part when one is given other tables", () => {
    const [living, shown, past] = [new Board(), new Board(), new Board()];
    living.share(shown);
    shown.apply(put("incident", "a"));
    expect(living.incidents.has("a")).toBe(true);
    past.apply(put("incident", "old"));
    shown.share(past);
    living.apply(put("incident", "b"));
    expect([...shown.incidents.keys()]).toEqual(["old"]);
    shown.share(living);
    expect([...shown.incidents.keys()]).toEqual(["a", "b"]);
  });

  it("end a snapshot that began before as if nothing had come between", () => {
    const [living, shown] = [new Board(), new Board()];
    shown.apply(put("incident", "gone"));
    shown.apply({ kind: "begin" });
    living.share(shown);
    living.apply(put("incident", "a"));
    living.apply({ kind: "ready" });
    expect([...living.incidents.keys()]).toEqual(["a"]);
    expect(living.complete).toBe(true);
  });
});
