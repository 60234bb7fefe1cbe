import { describe, expect, it } from "vitest";
import { moved, pageOf } from "./grid";

describe("the keys on a page of tiles", () => {
  it("lead to the neighbour, and nowhere over the edge", () => {
    expect(moved("ArrowRight", 0, 3, 9)).toBe(1);
    expect(moved("ArrowDown", 1, 3, 9)).toBe(4);
    expect(moved("ArrowUp", 1, 3, 9)).toBeNull();
    expect(moved("ArrowRight", 8, 3, 9)).toBeNull();
    expect(moved("ArrowDown", 1, 2, 3)).toBeNull();
    expect(moved("End", 0, 3, 7)).toBe(6);
    expect(moved("Home", 0, 3, 7)).toBeNull();
    expect(moved("a", 0, 3, 7)).toBeNull();
  });

  it("turn through pages that are never empty", () => {
    expect(pageOf(0, 4, 0)).toEqual({ page: 0, pages: 1 });
    expect(pageOf(4, 4, 9)).toEqual({ page: 1, pages: 3 });
    expect(pageOf(12, 4, 9)).toEqual({ page: 2, pages: 3 });
  });
});
