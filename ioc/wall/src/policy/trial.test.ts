import { expect, test } from "vitest";
import { stageOf } from "./trial";

test("who is reminded before the deadline is not called late", () => {
  const found = { dueAt: 10_000 };
  expect(stageOf({ stage: "due", at: 9_000 }, found)).toBe("sắp đến hạn làm xong");
  expect(stageOf({ stage: "due", at: 10_000 }, found)).toBe("quá hạn làm xong");
  expect(stageOf({ stage: "accept", at: 9_000 }, found)).toBe("quá hạn nhận");
});
