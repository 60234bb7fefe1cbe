import { expect, test } from "vitest";
import { again, asComment, bodyOf, ready, rebased, verdictOf, type Waiting } from "./queue";

function step(order: number, ticket: string, more: Partial<Waiting> = {}): Waiting {
  return {
    id: `k${order}`,
    order,
    login: "lan",
    ticket,
    number: 1,
    title: "Nước",
    step: "start",
    fields: {},
    version: 4,
    made_at: "2026-11-26T03:00:00Z",
    photos: [],
    state: "waiting",
    why: "",
    current: null,
    since: [],
    ...more,
  };
}

test("the oldest goes first, one of each ticket, and nothing overtakes a step that needs the person", () => {
  const queue = [step(3, "b"), step(1, "a", { state: "conflict" }), step(2, "a"), step(4, "b")];
  expect(ready(queue).map((one) => one.order)).toEqual([3]);
});

test("steps behind one that was done stand on what it left, others do not", () => {
  const queue = [step(1, "a"), step(2, "a"), step(3, "b"), step(4, "a", { state: "refused" })];
  const [first] = queue;
  if (first === undefined) throw new Error("no step");
  expect(rebased(queue, first, 9).map((one) => [one.order, one.version])).toEqual([[2, 9]]);
});

test("an answer that does not come is no refusal", () => {
  expect(verdictOf(503, { code: "away" }, 3)).toEqual({ kind: "later", seconds: 3 });
  expect(verdictOf(409, { code: "in-progress" }, null)).toEqual({ kind: "later", seconds: 5 });
  expect(verdictOf(429, null, null).kind).toBe("later");
  expect(verdictOf(401, null, null).kind).toBe("signin");
});

test("a step that was done before counts as done, with or without its answer", () => {
  expect(verdictOf(200, { id: "a", version: 5 }, null)).toMatchObject({
    kind: "done",
    ticket: { version: 5 },
  });
  expect(verdictOf(409, { code: "answer-not-kept" }, null)).toEqual({ kind: "done", ticket: null });
});

test("a conflict carries what happened meanwhile", () => {
  const body = {
    code: "stale-ticket",
    detail: "thay đổi",
    current: { id: "a", version: 7, state: "waiting" },
    log: [{ who: "minh", what: "waiting", text: "chờ", at: "2026-11-26T02:00:00Z" }],
  };
  const verdict = verdictOf(409, body, null);
  expect(verdict).toMatchObject({ kind: "conflict", why: "thay đổi", current: { version: 7 } });
  expect(verdict.kind === "conflict" && verdict.since.map((line) => line.who)).toEqual(["minh"]);
  expect(verdictOf(422, { detail: "cần lý do" }, null)).toEqual({ kind: "refused", why: "cần lý do" });
});

test("sent again it is another request on the present version, with the same words and photographs", () => {
  const current = { id: "a", version: 7 } as Waiting["current"];
  const held = step(1, "a", { state: "conflict", fields: { result: "xong" }, photos: ["p"], current });
  expect(again(held, "new")).toMatchObject({
    id: "new",
    version: 7,
    state: "waiting",
    fields: { result: "xong" },
    photos: ["p"],
  });
  expect(asComment(held, "new", "Báo xong")).toMatchObject({
    step: "comment",
    fields: { text: "[Báo xong] xong" },
  });
});

test("the body says on which version and when it was made", () => {
  expect(bodyOf(step(1, "a", { fields: { why: "lũ" } }), ["u1"])).toEqual({
    expected_version: 4,
    why: "lũ",
    photos: ["u1"],
    made_at: "2026-11-26T03:00:00Z",
  });
  expect(bodyOf(step(1, "a"), [])).not.toHaveProperty("photos");
});
