import { expect, it } from "vitest";
import { each } from "./labelsheet";

it("asks for so many at a time, and keeps the order", async () => {
  let now = 0;
  let most = 0;
  const answers = await each([3, 1, 2, 5, 4], 2, async (one) => {
    now += 1;
    most = Math.max(most, now);
    for (let turn = 0; turn < one; turn += 1) await Promise.resolve();
    now -= 1;
    return one * 10;
  });
  expect(answers).toEqual([30, 10, 20, 50, 40]);
  expect(most).toBe(2);
  expect(await each([], 2, async (one) => one)).toEqual([]);
});
