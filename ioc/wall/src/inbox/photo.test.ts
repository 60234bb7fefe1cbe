import { expect, test } from "vitest";
import { fitted } from "./photo";

test("the longer side is bounded, the shape kept, and a small picture left as it is", () => {
  expect(fitted(4000, 3000)).toEqual([1600, 1200]);
  expect(fitted(3000, 4000)).toEqual([1200, 1600]);
  expect(fitted(800, 600)).toEqual([800, 600]);
  expect(fitted(20000, 3)).toEqual([1600, 1]);
});
