import { expect, it } from "vitest";
import { stepsFrom } from "./steps";

it("leads on from every state of the life cycle", () => {
  expect(stepsFrom("draft")[0]).toBe("approve");
  expect(stepsFrom("approved")[0]).toBe("activate");
  expect(stepsFrom("active")).toEqual(["suspend", "retire"]);
  expect(stepsFrom("suspended")[0]).toBe("resume");
  expect(stepsFrom("retired")).toEqual(["approve"]);
  expect(stepsFrom("unknown")).toEqual([]);
});
