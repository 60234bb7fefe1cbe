import { describe, expect, it } from "vitest";
import { badgeText, placeOf, readNotifications, readUnread } from "./notifications";

describe("notifications", () => {
  it("are read with how many are unread, told or counted", () => {
    const body = {
      notifications: [
        { id: 3, title: "A", read_at: "2026-11-26T08:00:00Z" },
        { id: 4, title: "B" },
      ],
    };
    const { list, unread } = readNotifications(body);
    expect(list.map(({ id, read }) => [id, read])).toEqual([
      ["3", true],
      ["4", false],
    ]);
    expect(unread).toBe(1);
    expect(readNotifications({ ...body, unread: 12 }).unread).toBe(12);
    expect(readNotifications({ ...body, unread: 12, mark: "4-1" }).mark).toBe("4-1");
    expect(readNotifications(null)).toEqual({ list: [], unread: 0, mark: "" });
  });

  it("are counted by the live stream", () => {
    expect(readUnread({ unread: 3, mark: "9-3" })).toEqual({ unread: 3, mark: "9-3" });
    expect(readUnread({ mark: "9-3" })).toBeNull();
    expect(readUnread(null)).toBeNull();
  });

  it("lead to the ticket, the incident or a path of this server alone", () => {
    expect(placeOf({ ticket: "t", incident: "i", link: "/x" })).toBe("/#ticket=t");
    expect(placeOf({ ticket: "", incident: "i", link: "" })).toBe("/#incident=i");
    expect(placeOf({ ticket: "", incident: "", link: "/messages" })).toBe("/messages");
    for (const link of ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]) {
      expect(placeOf({ ticket: "", incident: "", link })).toBe("");
    }
  });

  it("have a badge that stays small", () => {
    expect(badgeText(99)).toBe("99");
    expect(badgeText(100)).toBe("99+");
  });
});
