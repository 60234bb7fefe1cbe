import { describe, expect, it } from "vitest";
import { changeOf, exportPath, pageOf, pathOf } from "./audit-rows";

describe("a page of the audit trail", () => {
  it("is read from what the server says, and from nothing at all", () => {
    const entry = {
      id: 7,
      at: "2026-11-22T03:04:05.000678Z",
      who: "operator",
      act: "incident.acknowledge",
      kind: "incident",
      thing: "x",
      centre: null,
      address: "10.0.0.7",
      outcome: "done",
      before: { status: "new" },
      after: { status: "acknowledged", version: 2 },
      text: "",
      seq: 6,
      hash: "ab",
    };
    const page = pageOf({ entries: [entry], next: 7, chain: { seq: 6, waiting: 1 } });
    expect(page).toMatchObject({ next: 7, sealed: 6, waiting: 1 });
    expect(page.rows[0]).toMatchObject({ thing: "incident x", centre: "", seq: 6 });
    expect(page.rows[0]?.change).toBe("status: new → status: acknowledged, version: 2");
    expect(pageOf(null)).toEqual({ rows: [], next: null, sealed: 0, waiting: 0 });
  });

  it("tells what changed where only one side is known", () => {
    expect(changeOf(null, { reason: "not-allowed" })).toBe("reason: not-allowed");
    expect(changeOf(null, null)).toBe("");
  });
});

describe("addresses", () => {
  it("carry only what was filled in", () => {
    expect(pathOf({ who: " ", act: "session.*" }, 12)).toBe("/api/v1/audit?act=session.*&after=12");
    expect(pathOf({}, null)).toBe("/api/v1/audit");
    expect(exportPath({ who: "a", from: "2026-11-22" })).toBe("/api/v1/audit/export?from=2026-11-22");
  });
});
