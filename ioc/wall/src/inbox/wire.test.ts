import { expect, test } from "vitest";
import { detailOf, entryOf, inboxOf, linesOf } from "./wire";

test("a list as the server tells it, and no entry without an id", () => {
  const inbox = inboxOf({
    me: {
      user: "lan",
      name: "Lan",
      role: "district",
      centre: "hoi-an",
      language: "vi",
      until: "2026-11-26T10:00:00Z",
    },
    total: 2,
    tickets: [
      { id: "a", number: 7, version: 3, title: "Nước", severity: "severe", at: [108.3, 15.9] },
      { number: 1 },
    ],
  });
  expect(inbox?.tickets.map((one) => [one.id, one.number, one.at, one.state])).toEqual([
    ["a", 7, [108.3, 15.9], "new"],
  ]);
  expect(inbox?.me.until).toBe("2026-11-26T10:00:00Z");
  expect(inboxOf({ tickets: [] })).toBeNull();
});

test("a ticket tells its place as position, and times that are none count as absent", () => {
  expect(entryOf({ id: "a", position: [108, 16], due_at: "soon" })).toMatchObject({
    at: [108, 16],
    due_at: null,
  });
  expect(detailOf({ id: "a", unit: "hoi-an" })?.unit_name).toBe("hoi-an");
  expect(detailOf("a")).toBeNull();
});

test("photographs are addresses or ids of evidence; addresses of others are no addresses", () => {
  const [line] = linesOf([{ what: "resolved", photos: ["/api/v1/media/x", "y", { id: "z" }, 3] }]);
  expect(line?.photos).toEqual(["/api/v1/media/x", "/api/v1/media/y", "/api/v1/media/z"]);
  expect(linesOf([{ photos: ["https://elsewhere/x"] }])[0]?.photos).toEqual([
    "/api/v1/media/https://elsewhere/x",
  ]);
});
