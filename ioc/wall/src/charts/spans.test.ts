import { describe, expect, it } from "vitest";
import { placed, spansOf } from "./spans";

const alarm = (incident: string, severity: string, raised: string, cleared: string | null) => ({
  properties: { incident, severity, raised_at: raised, cleared_at: cleared, title: incident, title_en: "" },
});

describe("the spans of incidents", () => {
  it("reach over their alarms and have the worst severity", () => {
    const [one, two] = spansOf([
      alarm("b", "minor", "2026-11-22T03:00:00Z", null),
      alarm("a", "moderate", "2026-11-22T02:00:00Z", "2026-11-22T02:30:00Z"),
      alarm("a", "extreme", "2026-11-22T01:00:00Z", "2026-11-22T02:10:00Z"),
      alarm("", "extreme", "2026-11-22T00:00:00Z", null),
    ]);
    expect(one).toMatchObject({ id: "a", severity: "extreme", titleEn: "a" });
    expect(one?.from).toBe(Date.parse("2026-11-22T01:00:00Z"));
    expect(one?.to).toBe(Date.parse("2026-11-22T02:30:00Z"));
    expect(two).toMatchObject({ id: "b", to: null });
  });

  it("go on while one of the alarms holds", () => {
    const both = [
      alarm("a", "minor", "2026-11-22T01:00:00Z", null),
      alarm("a", "minor", "2026-11-22T02:00:00Z", "2026-11-22T03:00:00Z"),
    ];
    expect(spansOf(both)[0]?.to).toBeNull();
    expect(spansOf([...both].reverse())[0]?.to).toBeNull();
  });
});

it("places a moment of ours on an axis of the record", () => {
  const points = [
    { at: 100, t: 1_000 },
    { at: 200, t: 5_000 },
  ];
  expect([50, 100, 150, 200, 900].map((at) => placed(points, at))).toEqual([
    1_000, 1_000, 3_000, 5_000, 5_000,
  ]);
  expect(placed([], 7)).toBe(7);
});
