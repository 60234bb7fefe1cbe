import { describe, expect, it } from "vitest";
import { bodyOf, daysOf, ratesOf, restOf, ruleOf, type Typed, testedOf, typedNumber } from "./rule";

const BODY = {
  title: "Mực nước {name}",
  title_en: "Water at {name}",
  source: "Quyết định 05/2020/QĐ-TTg",
  category: "flood",
  profile: "river-gauge",
  property: "water_level",
  levels: { moderate: 6.5, severe: 8 },
  clear_margin: 0.1,
  for_s: 600,
};

const TYPED: Typed = {
  title: BODY.title,
  titleEn: BODY.title_en,
  source: BODY.source,
  limits: { minor: "", moderate: "6,5", severe: "8", extreme: " " },
  margin: "0.1",
  after: "10",
  until: "",
  rest: JSON.stringify(restOf(BODY)),
};

describe("the form of a rule", () => {
  it("gives the rule back that it was filled with", () => {
    expect(bodyOf(TYPED)).toEqual(BODY);
  });

  it("keeps what has no field of its own", () => {
    expect(restOf(BODY)).toEqual({ category: "flood", profile: "river-gauge", property: "water_level" });
    expect(bodyOf({ ...TYPED, rest: '{"breaches": 3, "of": 5}' })).toMatchObject({ breaches: 3, of: 5 });
  });

  it("takes no number for another and no text for JSON", () => {
    expect(bodyOf({ ...TYPED, limits: { ...TYPED.limits, severe: "8m" } })).toBe("number");
    expect(bodyOf({ ...TYPED, after: "soon" })).toBe("number");
    expect(bodyOf({ ...TYPED, rest: "{" })).toBe("json");
    expect(bodyOf({ ...TYPED, rest: "[]" })).toBe("json");
    expect(typedNumber("-0,5")).toBe(-0.5);
    expect(typedNumber("1.234,5")).toBeNull();
  });
});

describe("a rule", () => {
  it("is read with its limits elsewhere", () => {
    const rule = ruleOf({
      pack: "p",
      code: "c",
      version: 2,
      rule: BODY,
      overrides: [{ kind: "device", subject: "g", levels: { severe: 3, silly: 1 } }],
    });
    expect(rule?.overrides).toEqual([{ kind: "device", subject: "g", limits: { severe: 3 } }]);
    expect(ruleOf({ pack: "p" })).toBeNull();
  });
});

const utc = (ms: number) => new Date(ms).toISOString().slice(0, 10);

describe("a test on history", () => {
  it("has its quiet days, too", () => {
    const tested = testedOf({
      from: "2025-10-26T10:00:00Z",
      through: "2025-10-28T09:00:00Z",
      after: { days: [{ day: "2025-10-28", incidents: 2 }] },
    });
    expect(tested && daysOf(tested, utc).map(({ day, after }) => [day, after])).toEqual([
      ["2025-10-26", 0],
      ["2025-10-27", 0],
      ["2025-10-28", 2],
    ]);
  });

  it("sets the days of both versions beside each other", () => {
    const tested = testedOf({
      after: { alarms: 3, incidents: 2, sources: 1, days: [{ day: "2025-10-28", alarms: 3, incidents: 2 }] },
      before: { alarms: 1, incidents: 1, sources: 1, days: [{ day: "2025-10-27", alarms: 1, incidents: 1 }] },
    });
    expect(tested && daysOf(tested, utc)).toEqual([
      { day: "2025-10-27", after: 0, before: 1 },
      { day: "2025-10-28", after: 2, before: 0 },
    ]);
  });

  it("has nothing to compare with where no version is in force", () => {
    const tested = testedOf({ after: { days: [{ day: "2025-10-28", incidents: 1 }] }, before: null });
    expect(tested && daysOf(tested, utc)).toEqual([{ day: "2025-10-28", after: 1, before: null }]);
    expect(testedOf("x")).toBeNull();
  });
});

it("false alarms of all versions of a rule are counted together", () => {
  const rates = ratesOf({
    rules: [
      { name: "p/c@1", judged: 4, false_alarms: 1 },
      { name: "p/c@2", judged: 2, false_alarms: 2 },
    ],
  });
  expect(rates.get("p/c")).toEqual({ judged: 6, wrong: 3 });
  expect(ratesOf(null).size).toBe(0);
});
