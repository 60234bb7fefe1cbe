import { describe, expect, it } from "vitest";
import { type Mark, spread } from "./spread";

function mark(id: string, x: number, y: number, more: Partial<Mark> = {}): Mark {
  return { id, x, y, radius: 10, text: 0, fixed: false, ...more };
}

describe("symbols on the map", () => {
  it("stay where they are while nothing covers them", () => {
    const placed = spread([mark("a", 0, 0), mark("b", 100, 0)]);
    expect(placed.get("a")).toEqual({ x: 0, y: 0 });
    expect(placed.get("b")).toEqual({ x: 100, y: 0 });
  });

  it("move aside for what comes first, and never cover each other", () => {
    const marks = Array.from({ length: 8 }, (_, index) => mark(String(index), index, 0));
    const places = [...spread(marks).values()];
    expect(places[0]).toEqual({ x: 0, y: 0 });
    for (const [index, a] of places.entries())
      for (const b of places.slice(index + 1))
        expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThanOrEqual(20);
  });

  it("leave the value beside a station readable", () => {
    const placed = spread([mark("gauge", 0, 0, { text: 60 }), mark("camera", 45, 0)]);
    expect(placed.get("camera")).not.toEqual({ x: 45, y: 0 });
    expect(Math.abs(placed.get("camera")?.y ?? 0)).toBeGreaterThan(20);
  });

  it("lie under their incident without pushing it away, and keep their value free", () => {
    const under = mark("station", 0, 0, { radius: 0, text: 60, fixed: true });
    const placed = spread([under, mark("its incident", 0, 0), mark("another", 40, 0)]);
    expect(placed.get("station")).toEqual({ x: 0, y: 0 });
    expect(placed.get("its incident")).toEqual({ x: 0, y: 0 });
    expect(placed.get("another")).not.toEqual({ x: 40, y: 0 });
  });
});
