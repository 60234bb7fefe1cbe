import { expect, it } from "vitest";
import { readPush } from "./pushpart";

it("is off where the server says so, has no key, or says nothing", () => {
  expect(readPush({ enabled: true, public_key: "BPg", subscriptions: 2 })).toEqual({
    enabled: true,
    key: "BPg",
    browsers: 2,
  });
  expect(readPush({ enabled: true, public_key: "", subscriptions: 0 }).enabled).toBe(false);
  expect(readPush({ enabled: false, public_key: "BPg", subscriptions: 0 }).enabled).toBe(false);
  expect(readPush(null)).toEqual({ enabled: false, key: "", browsers: 0 });
});
