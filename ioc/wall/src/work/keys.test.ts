import { describe, expect, it } from "vitest";
import { OPEN_KEY, TICKET_DEEDS } from "../tickets/deeds";
import { DEEDS, letterOf, needsReason, offered, PAGE_KEYS, pageKeyOf, SEER_KEYS } from "./keys";

const PLAIN = { ctrlKey: false, metaKey: false, altKey: false };

describe("keys", () => {
  it("do one thing each", () => {
    const page = [...Object.values(PAGE_KEYS), ...SEER_KEYS];
    const incident = [...DEEDS.map((one) => one.key), OPEN_KEY, ...page];
    const ticket = [...TICKET_DEEDS.map((one) => one.key), ...page];
    expect(new Set(incident).size).toBe(incident.length);
    expect(new Set(ticket).size).toBe(ticket.length);
  });

  it("of the page are found by their sign", () => {
    expect(pageKeyOf("!")).toBe("worst");
    expect(pageKeyOf("=")).toBe("zoomin");
    expect(pageKeyOf("a")).toBeUndefined();
  });

  it("are the plain ones, and leave combinations to the browser", () => {
    expect(letterOf({ key: "A", ...PLAIN })).toBe("a");
    expect(letterOf({ key: "?", ...PLAIN })).toBe("?");
    expect(letterOf({ key: "r", ...PLAIN, ctrlKey: true })).toBeNull();
    expect(letterOf({ key: "Enter", ...PLAIN })).toBeNull();
  });
});

describe("deeds", () => {
  it("are those that the state allows, and none for who may take no step", () => {
    const names = (steps: string[]) => offered(steps, true).map((one) => one.name);
    expect(names(["acknowledge", "comment"])).toEqual(["acknowledge", "comment", "silence"]);
    expect(names(["reopen", "comment"])).toEqual(["comment", "reopen"]);
    expect(names(["undo"])).toEqual(["undo"]);
    expect(offered(["acknowledge"], false)).toEqual([]);
  });

  it("need a reason always, never, or while alarms hold", () => {
    expect(needsReason("must", 0)).toBe(true);
    expect(needsReason("holding", 0)).toBe(false);
    expect(needsReason("holding", 2)).toBe(true);
    expect(needsReason("may", 2)).toBe(false);
  });
});
