import { describe, expect, it } from "vitest";
import { type Incident, position, readIncident, readPlace, worstFirst } from "./model";

function incident(id: string, properties: Record<string, unknown>): Incident {
  const read = readIncident(id, { type: "Feature", geometry: null, properties });
  if (!read) throw new Error("unreadable");
  return read;
}

describe("incidents", () => {
  it("are in order of severity, then the newest first", () => {
    const list = [
      incident("1", { severity: "minor", opened_at: "2025-10-30T02:00:00Z" }),
      incident("2", { severity: "extreme", opened_at: "2025-10-28T02:00:00Z" }),
      incident("3", { severity: "extreme", opened_at: "2025-10-29T02:00:00Z" }),
      incident("4", { severity: "severe", opened_at: "2025-10-30T02:00:00Z" }),
    ];
    expect(list.sort(worstFirst).map(({ id }) => id)).toEqual(["3", "2", "4", "1"]);
  });

  it("without an English title show the Vietnamese one", () => {
    expect(incident("1", { title: "Lũ" }).titleEn).toBe("Lũ");
  });
});

describe("positions", () => {
  it("that cannot be on Earth are none", () => {
    for (const value of [null, [], [108], [200, 15], [108, 91], ["108", "15"], [Number.NaN, 15]]) {
      expect(position(value)).toBeNull();
    }
    expect(position([108.1, 15.8])).toEqual([108.1, 15.8]);
  });
});

describe("stations", () => {
  it("keep the values that are numbers and drop the rest", () => {
    const latest = {
      water_level: { value: 9.1, unit: "m", derived: true },
      battery: { value: "x" },
      x: null,
    };
    const place = readPlace("g", { properties: { latest, profile: "river-gauge" } });
    expect(Object.keys(place?.latest ?? {})).toEqual(["water_level"]);
    expect(place?.latest.water_level?.derived).toBe(true);
    expect(place?.kind).toBe("river-gauge");
  });
});
