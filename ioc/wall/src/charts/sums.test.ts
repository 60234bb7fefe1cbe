import { expect, it } from "vitest";
import { sumsOf } from "./sums";

const reading = (at: string, value: number, more = {}) => ({
  at,
  value,
  recorded_at: null,
  quality: "good",
  ...more,
});

it("puts sums and their periods together, and leaves out what has none or is doubtful", () => {
  const sums = {
    readings: [
      reading("2026-11-22T06:00:00Z", 12),
      reading("2026-11-22T12:00:00Z", 7),
      reading("2026-11-22T18:00:00Z", 900, { quality: "implausible" }),
    ],
  };
  const periods = { readings: [reading("2026-11-22T06:00:00Z", 6), reading("2026-11-22T18:00:00Z", 6)] };
  expect(sumsOf(sums, periods, false)).toEqual({
    sums: [{ until: Date.parse("2026-11-22T06:00:00Z"), hours: 6, amount: 12 }],
    recorded: false,
  });
});
