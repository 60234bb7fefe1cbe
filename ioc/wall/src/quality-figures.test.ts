import { describe, expect, it } from "vitest";
import { balanced, lastDays, pathOf, qualityOf, within } from "./quality-figures";

const TOTAL = {
  hours: 2,
  alarms: 39,
  incidents: 4,
  hidden: 6,
  alarms_mean: 3.25,
  alarms_peak: 12,
  incidents_mean: 0.2,
  incidents_peak: 1,
  flood: 0.08,
  floods: 1,
  severities: [0.8, 0.13, 0.07, 0],
  acknowledged: 0.5,
  false_alarms: null,
  chattering: 2,
  flapping: 4,
  standing: 3,
  standing_most: 4,
};

describe("the quality of alarms", () => {
  it("is read from what the server says", () => {
    const found = qualityOf({
      from: "2025-10-26T17:00:00Z",
      to: "2025-10-27T17:00:00Z",
      missing: 3,
      total: TOTAL,
      days: [{ ...TOTAL, day: "2025-10-27" }, "junk"],
      worst: [
        { source: "g", source_name: "Trạm", source_kind: "sensor", centre: "c", alarms: 9, share: 0.2 },
      ],
      worst_ten: 0.5,
      targets: { alarms_mean: 1, alarms_peak: 10, flood: 0.01, severities: [0.8, 0.15, 0.05, 0.01] },
    });
    expect(found.total).toMatchObject({ mean: 3.25, peak: 12, acknowledged: 0.5, falseAlarms: null });
    expect(found.days.map((day) => day.day)).toEqual(["2025-10-27"]);
    expect(found.worst[0]).toMatchObject({ name: "Trạm", alarms: 9, chattering: 0 });
    expect([found.from, found.missing]).toEqual([Date.UTC(2025, 9, 26, 17), 3]);
    expect(found.targets.severities).toHaveLength(4);
  });

  it("is empty where the server says nothing", () => {
    const found = qualityOf(null);
    expect(found).toMatchObject({ from: null, days: [], worst: [], worstTen: null });
    expect(found.total.severities).toBeNull();
  });
});

describe("what is asked for", () => {
  it("stands in the address", () => {
    expect(pathOf({ from: "", to: "" })).toBe("/api/v1/alarm-quality");
    expect(pathOf({ from: "2025-10-01", to: "2025-10-31" })).toBe(
      "/api/v1/alarm-quality?from=2025-10-01&to=2025-10-31",
    );
    expect(pathOf({ from: "", to: "" }, "days")).toBe("/api/v1/alarm-quality/export?table=days");
  });

  it("has as many days as it says, over the end of a month", () => {
    expect(lastDays("2025-11-02", 7)).toEqual({ from: "2025-10-27", to: "2025-11-02" });
    expect(lastDays("2025-11-02", 1)).toEqual({ from: "2025-11-02", to: "2025-11-02" });
  });
});

describe("what is manageable", () => {
  it("is judged against the target", () => {
    expect([within(1, 1), within(1.1, 1), within(null, 1)]).toEqual(["good", "bad", "plain"]);
  });

  it("needs enough minor alarms and few of the others", () => {
    const targets = [0.8, 0.15, 0.05, 0.01];
    expect(balanced([0.85, 0.1, 0.05, 0], targets)).toBe("good");
    expect(balanced([0.79, 0.15, 0.05, 0.01], targets)).toBe("bad");
    expect(balanced([0.8, 0.14, 0.03, 0.03], targets)).toBe("bad");
    expect(balanced(null, targets)).toBe("plain");
  });
});
