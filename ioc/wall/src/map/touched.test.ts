import { describe, expect, it } from "vitest";
import { Touched, tileAt } from "./touched";

describe("tiles that a change touches", () => {
  it("are counted from the north-west of the web Mercator square", () => {
    expect(tileAt([0, 0], 1)).toEqual({ z: 1, x: 1, y: 1 });
    expect(tileAt([108.3, 15.9], 9)).toEqual({ z: 9, x: 410, y: 233 });
    expect(tileAt([180, -90], 3)).toEqual({ z: 3, x: 7, y: 7 });
  });

  it("are told once for each zoom, when they come into view", () => {
    const touched = new Touched([4, 14]);
    touched.touch([108.3, 15.9]);
    touched.touch([108.3, 15.9]);
    expect(touched.take([10, 10, 20, 20], 9.4)).toEqual([]);
    expect(touched.take([108, 15.5, 108.5, 16], 9.4)).toEqual([{ z: 9, x: 410, y: 233 }]);
    expect(touched.take([108, 15.5, 108.5, 16], 9.4)).toEqual([]);
    expect(touched.take([108, 15.5, 108.5, 16], 20)).toHaveLength(1);
  });
});
