import { describe, expect, it } from "vitest";
import {
  FIELDS,
  type Field,
  fieldsOf,
  filled,
  GROUPS,
  labelOf,
  meanwhile,
  sentOf,
  shownOf,
  typedOf,
} from "./fields";

const field = (name: string) => FIELDS.find((one) => one.name === name) as Field;

describe("the fields", () => {
  it("stand in a group each, and have a name for the reader", () => {
    const grouped = GROUPS.flatMap((group) => [...fieldsOf("devices", group), ...fieldsOf("cameras", group)]);
    expect(new Set(grouped)).toEqual(new Set(FIELDS));
    for (const { name } of FIELDS) expect(labelOf(name), name).not.toBe(name);
    expect(fieldsOf("devices", "where").map(({ name }) => name)).toEqual(["approximate"]);
  });

  it("are sent as the server keeps them", () => {
    expect(sentOf(field("tags"), " lũ, cầu ; lũ,")).toEqual({ value: ["lũ", "cầu"] });
    expect(sentOf(field("bearing"), "12,5")).toEqual({ value: 12.5 });
    expect(sentOf(field("bearing"), "")).toEqual({ value: null });
    for (const wrong of ["north", "361", "-1"])
      expect(sentOf(field("bearing"), wrong)).toHaveProperty("fault");
    expect(sentOf(field("warranty_until"), "")).toEqual({ value: null });
    expect(sentOf(field("gateway"), "")).toEqual({ value: null });
    expect(sentOf(field("maker"), " ")).toEqual({ value: "" });
    expect(sentOf(field("approximate"), "yes")).toEqual({ value: true });
  });

  it("come to what is not as it was, and no more", () => {
    const raw = { name: "Ái Nghĩa", bearing: 90, tags: ["lũ"], maker: "" };
    const typed = new Map(FIELDS.map((one) => [one.name, typedOf(one, raw)]));
    expect(filled(FIELDS, raw, typed)).toEqual({ set: {}, faults: new Map() });
    typed.set("name", "Ái Nghĩa 2").set("bearing", "north").set("tags", "lũ, mới");
    expect(filled(FIELDS, raw, typed)).toEqual({
      set: { name: "Ái Nghĩa 2", tags: ["lũ", "mới"] },
      faults: new Map([["bearing", "register.fault.figure"]]),
    });
    expect(
      filled(
        FIELDS,
        null,
        new Map([
          ["maker", "Hik"],
          ["model", ""],
        ]),
      ).set,
    ).toEqual({ maker: "Hik" });
  });
});

it("tells what another person changed meanwhile, beside what this one would have", () => {
  const before = { version: 3, maker: "A", model: "M", tags: [], updated_by: "an" };
  const now = { version: 4, maker: "B", model: "N", tags: [], updated_by: "binh" };
  expect(meanwhile(before, now, { maker: "C" })).toEqual([
    { field: "maker", before: "A", now: "B", mine: "C" },
    { field: "model", before: "M", now: "N", mine: undefined },
  ]);
  expect(meanwhile(before, { ...before, version: 4 }, { maker: "C" })).toEqual([]);
});

it("shows a member as people read it", () => {
  expect(shownOf("warranty_until", "2027-02-01")).toBe("01/02/2027");
  expect(shownOf("lifecycle", "retired")).toBe("Đã thanh lý");
  expect(shownOf("position", [108.33, 15.88])).toContain("15,88");
  expect(shownOf("tags", ["a", "b"])).toBe("a, b");
  for (const nothing of [null, undefined, "", []]) expect(shownOf("maker", nothing)).toBe("–");
});
