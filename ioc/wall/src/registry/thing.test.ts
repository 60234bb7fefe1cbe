import { describe, expect, it } from "vitest";
import { isOutOfWarranty, isTroubled, readPage, readThing, type Thing } from "./thing";

const RECORD = {
  code: "vu-gia",
  name: "Ái Nghĩa",
  centre: "dai-loc",
  position: [108.11, 15.88],
  lifecycle: "active",
  version: 3,
  state: "lost",
  unlawful: ["conformity", 7],
  warranty_until: "2025-01-01",
};
const thing = (more: object): Thing => readThing("devices", { ...RECORD, ...more }) as Thing;

describe("a record", () => {
  it("is read as the server tells it", () => {
    const read = thing({});
    expect(read).toMatchObject({ code: "vu-gia", version: 3, unlawful: ["conformity"], view: [] });
    expect(read.position).toEqual([108.11, 15.88]);
    expect(readThing("devices", { name: "none" })).toBeNull();
    expect(readThing("devices", null)).toBeNull();
  });

  it("is in trouble only while it should work", () => {
    expect(isTroubled(thing({}))).toBe(true);
    expect(isTroubled(thing({ lifecycle: "suspended" }))).toBe(false);
    expect(isTroubled(thing({ state: "fresh" }))).toBe(false);
  });

  it("is under warranty on the last day", () => {
    expect(isOutOfWarranty(thing({}), "2025-01-01")).toBe(false);
    expect(isOutOfWarranty(thing({}), "2025-01-02")).toBe(true);
    expect(isOutOfWarranty(thing({ warranty_until: null }), "2025-01-02")).toBe(false);
  });
});

it("reads a page of records by the name of their family", () => {
  expect(readPage("devices", { devices: [RECORD, {}], count: 40, next: "vu-gia" })).toMatchObject({
    count: 40,
    next: "vu-gia",
    things: [{ code: "vu-gia" }],
  });
  expect(readPage("cameras", { devices: [RECORD] })).toEqual({ things: [], count: null, next: "" });
});
