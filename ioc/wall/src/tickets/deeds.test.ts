import { describe, expect, it } from "vitest";
import { DEEDS, PAGE_KEYS } from "../work/keys";
import { deedsOf, nextOf, OPEN_KEY, TICKET_DEEDS } from "./deeds";

describe("the steps of a ticket", () => {
  it("have a key each, which no key of the page has", () => {
    const all = [...TICKET_DEEDS.map((one) => one.key), ...Object.values(PAGE_KEYS)];
    expect(new Set(all).size).toBe(all.length);
  });

  it("leave the key that opens one to the incident", () => {
    const all = [...DEEDS.map((one) => one.key), ...Object.values(PAGE_KEYS), OPEN_KEY];
    expect(new Set(all).size).toBe(all.length);
  });

  it("are those that the server offers, in the order of the buttons", () => {
    expect(deedsOf(["comment", "accept", "unheard-of"]).map(({ name }) => name)).toEqual([
      "accept",
      "comment",
    ]);
  });

  it("have the one that comes next stand out", () => {
    expect(nextOf(["refuse", "accept"])).toBe("accept");
    expect(nextOf(["resume", "resolve"])).toBe("resume");
    expect(nextOf(["comment"])).toBeUndefined();
  });
});
