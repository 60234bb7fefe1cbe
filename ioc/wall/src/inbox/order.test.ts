import { expect, test } from "vitest";
import { deadlineOf, inOrder } from "./order";
import { type Entry, entryOf } from "./wire";

function entry(number: number, more: Record<string, unknown>): Entry {
  const made = entryOf({ id: `t${number}`, number, version: 1, state: "working", ...more });
  if (made === null) throw new Error("no entry");
  return made;
}

test("the worst first, then the most urgent, then the older number", () => {
  const list = [
    entry(1, { severity: "minor", due_at: "2026-11-26T01:00:00Z" }),
    entry(2, { severity: "extreme" }),
    entry(3, { severity: "severe", due_at: "2026-11-26T05:00:00Z" }),
    entry(4, { severity: "severe", due_at: "2026-11-26T04:00:00Z" }),
    entry(5, { severity: "extreme", due_at: "2026-11-27T04:00:00Z" }),
    entry(6, { severity: "extreme" }),
  ];
  expect(inOrder(list).map((one) => one.number)).toEqual([5, 2, 6, 4, 3, 1]);
});

test("before it is accepted the earlier of both deadlines counts", () => {
  const both = { accept_by: "2026-11-26T05:00:00Z", due_at: "2026-11-26T04:00:00Z" };
  expect(deadlineOf(entry(1, { state: "new", ...both }))?.what).toBe("due");
  expect(deadlineOf(entry(1, { state: "new", ...both, due_at: null }))?.what).toBe("accept");
  expect(deadlineOf(entry(1, { state: "accepted", accept_by: both.accept_by }))).toBeNull();
  expect(deadlineOf(entry(1, { state: "verified", ...both }))).toBeNull();
});
