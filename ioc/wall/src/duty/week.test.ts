import { describe, expect, it } from "vitest";
import {
  dayOf,
  daysAfter,
  fieldOf,
  gapsOf,
  instantOf,
  readDuties,
  rowsOf,
  shiftsOf,
  weekOf,
  within,
} from "./week";

const local = (text: string) => instantOf(text) ?? Number.NaN;
const duties = readDuties({
  duties: [
    { id: "1", login: "lan", unit: "u", from: "2026-11-26T00:00:00Z", until: "2026-11-26T12:00:00Z" },
    {
      id: "2",
      login: "",
      team: "t1",
      unit: "u",
      from: "2026-11-26T12:00:00Z",
      until: "2026-11-27T00:00:00Z",
    },
    { id: "3", login: "lan", unit: "u", from: "2026-11-28T00:00:00Z", until: "2026-11-28T12:00:00Z" },
    { id: "4", login: "lan", unit: "u", from: "never", until: "2026-11-28T12:00:00Z" },
  ],
});

describe("local days", () => {
  it("are those of Viet Nam, seven hours ahead", () => {
    expect(dayOf(Date.parse("2026-11-25T17:00:00Z"))).toBe("2026-11-26");
    expect(local("2026-11-26T07:00")).toBe(Date.parse("2026-11-26T00:00:00Z"));
    expect(fieldOf(Date.parse("2026-11-26T00:00:00Z"))).toBe("2026-11-26T07:00");
    expect(instantOf("")).toBeNull();
  });

  it("make weeks from Monday, over the end of a year", () => {
    expect(weekOf("2026-11-29")).toEqual(weekOf("2026-11-23"));
    expect(weekOf("2027-01-01")[0]).toBe("2026-12-28");
    expect(daysAfter("2026-02-28", 1)).toBe("2026-03-01");
  });
});

describe("times on duty", () => {
  it("are cut at midnight", () => {
    const night = duties[1];
    if (!night) throw new Error("no duty");
    expect(within(night, "2026-11-26")?.to).toBe(local("2026-11-27T00:00"));
    expect(within(night, "2026-11-27")).toEqual({
      from: local("2026-11-27T00:00"),
      to: local("2026-11-27T07:00"),
    });
    expect(within(night, "2026-11-28")).toBeNull();
  });

  it("stand in a row for each person and each team, and unreadable ones nowhere", () => {
    expect(rowsOf(duties).map(({ key, duties: own }) => [key, own.length])).toEqual([
      ["lan", 2],
      ["@t1", 1],
    ]);
  });

  it("leave hours in which nobody is", () => {
    expect(gapsOf(duties, "2026-11-26")).toEqual([
      { from: local("2026-11-26T00:00"), to: local("2026-11-26T07:00") },
    ]);
    expect(gapsOf([], "2026-11-26")).toEqual([
      { from: local("2026-11-26T00:00"), to: local("2026-11-27T00:00") },
    ]);
  });

  it("are laid out for the days of a week; a night ends on the next day", () => {
    const shifts = shiftsOf({ days: [4, 5], from: "19:00", to: "07:00", first: "2026-11-26" });
    expect(shifts.length).toBe(2);
    expect(shifts[0]).toEqual({ starts: local("2026-11-26T19:00"), until: local("2026-11-27T07:00") });
    expect(shifts[1]?.starts).toBe(local("2026-11-27T19:00"));
  });
});
