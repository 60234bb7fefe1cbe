import { expect, it } from "vitest";
import { near } from "./columns";

it("shows the limits that were passed and the next", () => {
  const limits = [
    { severity: "moderate", value: 100 },
    { severity: "severe", value: 200 },
    { severity: "extreme", value: 400 },
  ] as const;
  expect(near(limits, 0).map((one) => one.value)).toEqual([100]);
  expect(near(limits, 150).map((one) => one.value)).toEqual([100, 200]);
  expect(near(limits, 900)).toHaveLength(3);
});
