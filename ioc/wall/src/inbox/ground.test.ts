import { expect, test } from "vitest";
import { far, geoLink, metres, onGrid, outlineOf, pathOf } from "./ground";

test("places lie on the grid, north up", () => {
  const outline = outlineOf({
    box: [108, 15, 109, 16],
    pieces: [{ kind: "river", name: "Thu Bồn", lines: [[0, 0, 9, 9]] }],
  });
  if (outline === null) throw new Error("no outline");
  expect(onGrid(outline, [108.5, 15.75])).toEqual([500, 250]);
  expect(outline.pieces[0]?.lines).toEqual([[0, 0, 9, 9]]);
  expect(outlineOf({ box: [1, 2], pieces: [] })).toBeNull();
});

test("lines become paths", () => {
  expect(pathOf([0, 0, 5, 5, 9, 0], true)).toBe("M0 0L5 5L9 0Z");
  expect(pathOf([0, 0, 5, 5], false)).toBe("M0 0L5 5");
});

test("distances are right to a percent and said as people say them", () => {
  // Hội An to Tam Kỳ along the great circle.
  const distance = metres([108.328, 15.8794], [108.474, 15.5736]);
  expect(distance).toBeGreaterThan(36_900);
  expect(distance).toBeLessThan(37_900);
  expect(far(344, "vi-VN")).toBe("340 m");
  expect(far(1234, "vi-VN")).toBe("1,2 km");
});

test("the phone's map is asked by latitude first", () => {
  expect(geoLink([108.3, 15.9])).toBe("geo:15.900000,108.300000?q=15.900000,108.300000");
});
