import { expect, it } from "vitest";
import { lanesOf } from "./reading";

it("gives spans that overlap lanes of their own, and uses a lane again once it is free", () => {
  const spans = [
    { from: 0, to: 10 },
    { from: 5, to: 7 },
    { from: 9, to: 20 },
    { from: 12, to: 14 },
  ];
  expect(lanesOf(spans, 1)).toEqual([0, 1, 1, 0]);
  expect(
    lanesOf(
      Array.from({ length: 9 }, () => ({ from: 0, to: 1 })),
      1,
    ),
  ).toEqual([0, 1, 2, 3, 4, 4, 4, 4, 4]);
});
