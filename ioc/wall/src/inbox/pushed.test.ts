import { describe, expect, it } from "vitest";
import { pathOf, readPushed, shownAs } from "./pushed";

const TOLD = {
  id: "m1",
  title: "Phiếu việc #7 quá hạn",
  body: "Bơm nước",
  link: "/inbox#ticket=t1",
  severity: "extreme",
  thread: "ticket/t1",
  at: "2026-11-26T08:00:00Z",
};

describe("what is pushed", () => {
  it("is shown in place of what was told of the same thing before, and stays while it is extreme", () => {
    const shown = shownAs(readPushed(JSON.stringify(TOLD)), false);
    expect(shown).toMatchObject({
      body: "Bơm nước",
      tag: "ticket/t1",
      renotify: true,
      requireInteraction: true,
    });
    expect(shown.timestamp).toBe(Date.parse(TOLD.at));
    expect(shownAs(readPushed(JSON.stringify({ ...TOLD, severity: "minor" })), true)).toMatchObject({
      renotify: false,
      requireInteraction: false,
    });
  });

  it("is shown as something whatever comes", () => {
    for (const data of ["", "{", "null", "7", '{"title": 3}']) {
      expect(readPushed(data)).toMatchObject({ title: "IOC", thread: "IOC", at: null });
    }
  });

  it("leads to a path of this server alone", () => {
    expect(pathOf({ link: "/inbox#ticket=t1" })).toBe("/inbox#ticket=t1");
    for (const link of ["https://evil.example", "//evil.example", "/\\evil.example", "", 3]) {
      expect(pathOf({ link })).toBe("/");
    }
    expect(pathOf(null)).toBe("/");
  });
});
