import { expect, it } from "vitest";
import { metresBetween } from "./distance";

it("a minute of latitude is a nautical mile, and a place is nowhere from itself", () => {
  expect(metresBetween([108, 15], [108, 15 + 1 / 60])).toBeCloseTo(1853.2, 0);
  expect(metresBetween([108.3, 15.9], [108.3, 15.9])).toBe(0);
});

it("a degree of longitude is shorter than one of latitude here", () => {
  expect(metresBetween([108, 15.5], [109, 15.5])).toBeCloseTo(107_148, -2);
});
