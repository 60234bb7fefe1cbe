import { expect, it } from "vitest";
import { missingText, stepsOf } from "./steps";
import { readThing, type Thing } from "./thing";

const thing = (more: object) => readThing("cameras", { code: "cam", ...more }) as Thing;

it("takes the steps that the server names, and none that it does not know", () => {
  expect(stepsOf(thing({ steps: ["retire", "approve", "fly"] }))).toEqual(["approve", "retire"]);
  expect(stepsOf(thing({}))).toEqual([]);
});

it("says what the law misses, and what keeps a thing from being in use", () => {
  expect(missingText(thing({}))).toBe("");
  const unlawful = ["purpose", "conformity"];
  expect(missingText(thing({ unlawful }))).toContain("QCVN 135");
  const blocked = missingText(thing({ unlawful, blocking: ["purpose"] }));
  expect(blocked).toContain("Mục đích");
  expect(blocked).not.toContain("QCVN 135");
});
