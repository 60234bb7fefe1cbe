import { describe, expect, it } from "vitest";
import { daysOf, gradeOf, moved, shareOf } from "./calendar";

const OFFSET = 7 * 3_600_000;
const ms = (at: string) => Date.parse(at);

describe("the calendar of data", () => {
  const body = {
    rollups: [
      { at: "2026-11-22T15:00:00Z", count: 5, doubtful: 1, coverage: 1 },
      { at: "2026-11-22T17:00:00Z", count: 2, doubtful: 0, coverage: 0.5 },
    ],
  };
  const days = daysOf(body, 2, ms("2026-11-22T19:20:00Z"), OFFSET);

  it("has local days, of which nothing is known before the first data and from the present hour on", () => {
    expect(days.map((day) => day.at)).toEqual([ms("2026-11-21T17:00:00Z"), ms("2026-11-22T17:00:00Z")]);
    expect(days[0]?.slots.slice(21).map((slot) => slot.share)).toEqual([null, 1, 0]);
    expect(days[1]?.slots.slice(0, 4).map((slot) => slot.share)).toEqual([0.5, 0, null, null]);
    expect(days[0]?.slots[22]).toMatchObject({ count: 6, doubtful: 1 });
    expect(shareOf(days)).toBeCloseTo(1.5 / 4);
  });

  it("is empty where nothing is kept", () => {
    expect(shareOf(daysOf({ rollups: [] }, 2, ms("2026-11-22T19:20:00Z"), OFFSET))).toBeNull();
  });
});

it("grades what came", () => {
  expect([null, 1, 0.95, 0.94, 0.75, 0.74, 0.01, 0].map(gradeOf)).toEqual([
    "unknown",
    "full",
    "full",
    "most",
    "most",
    "some",
    "some",
    "none",
  ]);
});

it("goes by arrows and stays within", () => {
  expect(moved("ArrowLeft", 0, 0, 3)).toEqual([0, 0]);
  expect(moved("ArrowRight", 0, 22, 3)).toEqual([0, 23]);
  expect(moved("ArrowDown", 2, 5, 3)).toEqual([2, 5]);
  expect(moved("ArrowUp", 2, 5, 3)).toEqual([1, 5]);
  expect(moved("End", 1, 5, 3)).toEqual([1, 23]);
  expect(moved("x", 1, 5, 3)).toBeNull();
});
