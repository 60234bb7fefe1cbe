import { expect, it } from "vitest";
import { fitFor, readAnswers } from "./bulk";
import { readThing, type Thing } from "./thing";

it("reads an answer for each of many", () => {
  const answers = [
    { code: "a", status: 200, version: 4 },
    { code: "b", status: 409, problem: "stale-record", title: "It has changed." },
  ];
  expect(readAnswers({ answers })).toEqual([
    { code: "a", ok: true, words: "" },
    { code: "b", ok: false, words: "It has changed." },
  ]);
  expect(readAnswers(null)).toEqual([]);
});

it("takes a step only with those that it leads on from", () => {
  const things = [["suspend", "retire"], ["approve"], []].map(
    (steps, at) => readThing("devices", { code: `d${at}`, steps }) as Thing,
  );
  expect(fitFor(things, "suspend").map(({ code }) => code)).toEqual(["d0"]);
});
