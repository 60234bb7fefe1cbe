import { expect, test } from "vitest";
import { offered, stateAfter } from "./steps";

test("what the centre offered counts while nothing waits", () => {
  expect(offered("new", ["comment", "accept", "forward"], [])).toEqual(["accept", "forward", "comment"]);
  expect(offered("new", ["comment"], [])).toEqual(["comment"]);
});

test("offline the next steps follow from those that wait", () => {
  const told = ["accept", "refuse", "forward", "assign", "comment", "sub"];
  expect(offered("new", told, ["accept"]).slice(0, 2)).toEqual(["start", "resolve"]);
  expect(offered("new", told, ["accept", "start"])).toContain("resolve");
  expect(offered("new", told, ["accept", "start"])).not.toContain("accept");
  expect(offered("working", told, ["resolve"])).toEqual(["comment", "reopen"]);
});

test("a ticket that was handed on is not ours any more", () => {
  expect(offered("new", ["refuse"], ["refuse"])).toEqual([]);
  expect(stateAfter("new", ["accept", "comment", "start", "wait", "resume"])).toBe("working");
});

test("cancelling and verifying are offered only where the centre offered them", () => {
  expect(offered("new", ["accept", "cancel"], ["accept"])).toContain("cancel");
  expect(offered("new", ["accept"], ["accept"])).not.toContain("cancel");
  expect(offered("accepted", ["resolve"], ["resolve"])).not.toContain("verify");
});
