import { expect, it } from "vitest";
import { contrast } from "./contrast";

it("of two colours is what WCAG says, whatever their order", () => {
  expect(contrast("#fff", "#000000")).toBeCloseTo(21);
  expect(contrast("#767676", "#fff")).toBeCloseTo(4.54, 2);
  expect(contrast("#123456", "#123456")).toBe(1);
});
