import { describe, expect, it } from "vitest";
import { mutes, readHidden, readSilences } from "./silences";

const [ONE] = readSilences({
  silences: [
    { id: "s", version: 1, worst: "severe", sources: ["g1"], rules: ["p/r"], mutes: true, hidden: 3 },
  ],
});
if (!ONE) throw new Error("a silence is read");
const ALARM = { source: "g1", rule: "p/r@4", category: "flood", severity: "moderate" } as const;

describe("a silence", () => {
  it("mutes what all of its lists name, of every version of a rule, up to its severity", () => {
    expect(mutes(ONE, ALARM)).toBe(true);
    expect(mutes(ONE, { ...ALARM, source: "g2" })).toBe(false);
    expect(mutes(ONE, { ...ALARM, rule: "p/other@4" })).toBe(false);
    expect(mutes(ONE, { ...ALARM, severity: "extreme" })).toBe(false);
    expect(mutes({ ...ONE, rules: ["p/r@3"] }, ALARM)).toBe(false);
  });

  it("mutes nothing outside its time", () => {
    expect(mutes({ ...ONE, mutes: false }, ALARM)).toBe(false);
  });

  it("marks a source only when it names it", () => {
    expect(mutes(ONE, { source: "g1" })).toBe(true);
    expect(mutes({ ...ONE, sources: [] }, { source: "g1" })).toBe(false);
  });
});

it("what is no list of silences is empty", () => {
  expect(readSilences(null)).toEqual([]);
  expect(readSilences({ silences: ["x", 1] })).toEqual([]);
  expect(readHidden({ alarms: [{ alarm: "a", severity: "extreme" }] })[0]?.severity).toBe("extreme");
});
