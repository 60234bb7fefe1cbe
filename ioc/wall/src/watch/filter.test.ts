import { describe, expect, it } from "vitest";
import { type Incident, readIncident } from "../model";
import { choices, countShown, NOTHING_CHOSEN, passes, readFilter, toggled, worstHidden } from "./filter";

function incident(id: string, properties: Record<string, unknown> = {}): Incident {
  const given = {
    severity: "minor",
    category: "flood",
    centre: "hoi-an",
    area_code: "20",
    sources: ["sensor"],
  };
  const read = readIncident(id, { properties: { ...given, status: "new", ...properties } });
  if (!read) throw new Error("no incident");
  return read;
}

const ALL = [
  incident("a", { severity: "extreme", category: "fire", centre: "tam-ky", sources: ["citizen", "camera"] }),
  incident("b"),
  incident("c", { area_code: "21" }),
  incident("d", { status: "closed", severity: "extreme" }),
];

describe("a filter", () => {
  it("without a choice shows everything", () => {
    expect(ALL.every((one) => passes(NOTHING_CHOSEN, one))).toBe(true);
  });

  it("shows what has one of the chosen values of each kind", () => {
    const chosen = toggled(toggled(NOTHING_CHOSEN, "source", "camera"), "source", "sensor");
    expect(ALL.filter((one) => passes(chosen, one)).map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
    const both = toggled(chosen, "area", "21");
    expect(ALL.filter((one) => passes(both, one)).map(({ id }) => id)).toEqual(["c"]);
    expect(toggled(toggled(both, "area", "21"), "source", "camera").source).toEqual(["sensor"]);
  });

  it("says what it hides of the open ones, the worst first", () => {
    const chosen = toggled(NOTHING_CHOSEN, "category", "flood");
    const told = countShown((one) => passes(chosen, one), ALL);
    expect(told).toEqual({ shown: 2, all: 3, hidden: { extreme: 1, severe: 0, moderate: 0, minor: 0 } });
    expect(worstHidden(told)).toBe("extreme");
    expect(worstHidden(countShown(() => true, ALL))).toBeNull();
  });

  it("offers what there is, and what is chosen though there is none of it", () => {
    const chosen = toggled(NOTHING_CHOSEN, "area", "99");
    expect([...choices(chosen, "area", ALL)].sort()).toEqual([
      ["20", 2],
      ["21", 1],
      ["99", 0],
    ]);
    expect(choices(chosen, "severity", ALL).get("severe")).toBe(0);
  });

  it("believes nothing of what was kept but lists of words", () => {
    expect(readFilter({ area: ["20", 3], severity: "extreme", other: ["x"] })).toEqual({
      ...NOTHING_CHOSEN,
      area: ["20"],
    });
    expect(readFilter(null)).toEqual(NOTHING_CHOSEN);
  });
});
