import { describe, expect, it } from "vitest";
import { isMonth, monthAfter, monthOf, percentOf, queryOf, readAvailability } from "./availability";

describe("months", () => {
  it("follow each other over the year", () => {
    expect(monthAfter("2026-01", -1)).toBe("2025-12");
    expect(monthAfter("2025-12", 1)).toBe("2026-01");
    expect(monthAfter("2026-05", 14)).toBe("2027-07");
    expect(monthOf("2026-11-26")).toBe("2026-11");
  });

  it("are told from what is none", () => {
    expect(["2026-11", "2026-13", "11/2026", ""].map(isMonth)).toEqual([true, false, false, false]);
  });
});

it("never says that all of the time worked when some did not", () => {
  expect([1, 0.9999, 0.5, 0.0001, 0].map(percentOf)).toEqual([100, 99.9, 50, 0.1, 0]);
});

it("asks only for what is chosen", () => {
  const asked = { month: "2026-11", by: "device", centre: "", subject: "camera" } as const;
  expect(queryOf(asked)).toBe("month=2026-11&by=device&subject=camera");
  expect(queryOf({ ...asked, code: "a b" }, 200)).toBe(
    "month=2026-11&by=device&subject=camera&code=a+b&offset=200",
  );
});

describe("what the server tells", () => {
  it("is read with its gaps", () => {
    const { units, things, total, next } = readAvailability({
      month: "2026-11",
      total: { centre: "", share: 0.5, things: 2 },
      units: [{ centre: "hoi-an", name: "Hội An", share: null, offenders: 1 }, "no"],
      things: [
        { subject: "camera", code: "c1", failing_since: "2026-11-02T00:00:00Z", offends: true, repair_s: 60 },
        { code: "" },
      ],
      next: 200,
    });
    expect(total?.things).toBe(2);
    expect(units).toMatchObject([{ centre: "hoi-an", nameEn: "Hội An", share: null, offenders: 1 }]);
    expect(things).toMatchObject([
      { subject: "camera", name: "c1", failingSince: Date.UTC(2026, 10, 2), offends: true, repair: 60 },
    ]);
    expect(next).toBe(200);
  });

  it("may be nothing", () => {
    expect(readAvailability(null)).toEqual({ month: "", total: null, units: [], things: [], next: null });
  });
});
