import { describe, expect, it } from "vitest";
import { gauged, rainLimits, running, spreadOut } from "./rain";

const HOUR = 3_600_000;
const hour = (number: number) => number * HOUR;

describe("rain by the hour", () => {
  it("is what the readings of an hour come to", () => {
    const rollups = [
      { at: "2026-11-22T03:00:00Z", count: 6, mean: 1.5 },
      { at: "2026-11-22T04:00:00Z", count: 0, mean: null },
    ];
    expect(gauged({ rollups })).toEqual([
      { at: Date.parse("2026-11-22T03:00:00Z"), amount: 9, spread: false },
    ]);
  });

  it("is spread over the hours of a sum, less what shorter sums tell", () => {
    const hours = spreadOut([
      { until: hour(6), hours: 6, amount: 30 },
      { until: hour(2), hours: 1, amount: 20 },
    ]);
    expect(hours.map((one) => one.amount)).toEqual([2, 20, 2, 2, 2, 2]);
    expect(hours.map((one) => one.spread)).toEqual([true, false, true, true, true, true]);
    expect(hours[0]?.at).toBe(hour(0));
  });

  it("is never less than nought where sums contradict each other", () => {
    const hours = spreadOut([
      { until: hour(2), hours: 2, amount: 5 },
      { until: hour(1), hours: 1, amount: 9 },
    ]);
    expect(hours.map((one) => one.amount)).toEqual([9, 0]);
  });
});

it("sums what fell in so many hours, and says how many of them are known", () => {
  const hours = [0, 1, 2, 10].map((number) => ({ at: hour(number), amount: 10, spread: false }));
  expect(running(hours, 3)).toEqual([
    { at: hour(0), sum: 10, known: 1 },
    { at: hour(1), sum: 20, known: 2 },
    { at: hour(2), sum: 30, known: 3 },
    { at: hour(10), sum: 10, known: 1 },
  ]);
});

it("has the limits of rules by their hours, and those of the device before those of its area", () => {
  const rules = [
    { enabled: true, rule: { window: { kind: "sum", hours: 24 }, levels: { moderate: 100, extreme: 400 } } },
    {
      enabled: true,
      rule: { when: { property: "rain_hours", max: 1 }, levels: { moderate: 50 } },
      overrides: [
        { kind: "area", subject: "502", levels: { moderate: 40 } },
        { kind: "device", subject: "r1", levels: { severe: 30, moderate: 20 } },
      ],
    },
    { enabled: false, rule: { window: { kind: "sum", hours: 3 }, levels: { moderate: 1 } } },
    { enabled: true, rule: { quiet: true, window: { kind: "sum", hours: 3 }, levels: { moderate: 1 } } },
  ];
  expect(rainLimits({ rules }, "r1", "502")).toEqual({
    1: [
      { severity: "moderate", value: 20 },
      { severity: "severe", value: 30 },
    ],
    24: [
      { severity: "moderate", value: 100 },
      { severity: "extreme", value: 400 },
    ],
  });
  expect(rainLimits({ rules }, "r2", "502")[1]).toEqual([{ severity: "moderate", value: 40 }]);
});
