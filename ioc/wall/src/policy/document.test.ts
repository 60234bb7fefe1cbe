import { describe, expect, it } from "vitest";
import {
  faultsOf,
  minutesOf,
  parsed,
  readAnswer,
  readPolicy,
  readVersions,
  textOf,
  withEntry,
} from "./document";

const DOCUMENT = {
  version: 4,
  province: "quang-nam",
  units: [{ code: "hoi-an", name: "Hội An", name_en: "Hoi An", centre: "hoi-an", up: "quang-nam" }],
  clocks: [
    { categories: ["flood"], accept_min: 15, done_min: null, plan: "khan", unheard_of: 7 },
    { accept_min: 240, done_min: 2400, hours: "office", wait_stops: true, verify: false, plan: "truc" },
  ],
  work: [{ days: [1, 2], hours: [["07:00:00", "11:30:00"]] }],
  holidays: [
    { year: 2026, off: ["2026-01-01"], source: "x" },
    { year: 2027, off: [], source: "y", announced: false },
  ],
};

describe("the policy's document", () => {
  it("is read with what it leaves out as the server has it", () => {
    const policy = readPolicy(DOCUMENT);
    expect(policy.bouncesUp).toBe(3);
    expect(policy.clocks[0]).toMatchObject({ acceptMin: 15, doneMin: null, hours: "always", verify: true });
    expect(policy.clocks[1]).toMatchObject({ waitStops: true, verify: false, hours: "office" });
    expect(policy.work[0]?.hours).toEqual([["07:00", "11:30"]]);
  });

  it("keeps what the page does not know when an entry is changed", () => {
    const changed = withEntry(DOCUMENT, "clocks", 0, { accept_min: 10 });
    expect(changed.clocks).toEqual([{ ...DOCUMENT.clocks[0], accept_min: 10 }, DOCUMENT.clocks[1]]);
    expect(DOCUMENT.clocks[0]?.accept_min).toBe(15);
    expect(changed.province).toBe("quang-nam");
  });

  it("is edited as text without its version, and taken back only where it is a document", () => {
    expect(textOf(DOCUMENT)).not.toContain('"version"');
    expect(parsed(textOf(DOCUMENT))).toMatchObject({ province: "quang-nam" });
    expect(parsed("[1]")).toBeNull();
    expect(parsed("{")).toBeNull();
  });

  it("is found within an answer that says more", () => {
    const read = readAnswer({ version: 4, policy: { province: "x" }, gaps: [2027, "x"] });
    expect(read).toEqual({ document: { province: "x", version: 4 }, gaps: [2027] });
    expect(readAnswer(null)).toEqual({ document: {}, gaps: [] });
  });

  it("tells each thing that is wrong with it", () => {
    expect(faultsOf({ code: "policy-wrong", faults: ["a", 3, "b"] })).toEqual(["a", "b"]);
  });

  it("has its versions, the newest first", () => {
    const list = readVersions({
      versions: [
        { version: 1, who: "" },
        { version: 2, who: "lan", why: "bão" },
      ],
    });
    expect(list.map(({ version, why }) => [version, why])).toEqual([
      [2, "bão"],
      [1, ""],
    ]);
  });
});

describe("minutes that are typed", () => {
  it("are whole, none where nothing stands, and told where they are no number", () => {
    expect(minutesOf(" 30 ")).toBe(30);
    expect(minutesOf("")).toBeNull();
    for (const wrong of ["-1", "1.5", "ba mươi"]) expect(minutesOf(wrong)).toBeUndefined();
  });
});
