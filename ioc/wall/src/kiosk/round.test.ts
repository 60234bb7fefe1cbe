import { expect, test } from "vitest";
import { type Incident, readIncident } from "../model";
import { inTurn, largerBy, Round, SECONDS, secondsOf } from "./round";

function incident(id: string, severity: string, status = "new", openedAt = 1): Incident {
  const opened = new Date(openedAt * 1000).toISOString();
  const one = readIncident(id, { properties: { severity, status, opened_at: opened } });
  if (!one) throw new Error(id);
  return one;
}

const NIGHT = [
  incident("minor", "minor"),
  incident("taken", "extreme", "in_progress", 1),
  incident("late", "extreme", "new", 9),
  incident("early", "extreme", "new", 3),
  incident("over", "extreme", "closed"),
];

test("the address says how long each is shown", () => {
  expect(secondsOf("?kiosk")).toBe(SECONDS);
  expect(secondsOf("?kiosk=15")).toBe(15);
  expect(secondsOf("?kiosk=0")).toBe(3);
  expect(secondsOf("?kiosk=soon")).toBe(SECONDS);
  expect(secondsOf("?x=1")).toBeNull();
});

test("the worst that nobody has taken on comes first, and the round begins again", () => {
  expect(inTurn(NIGHT).map(({ id }) => id)).toEqual(["early", "late", "taken", "minor"]);
  const round = new Round();
  expect(round.see(NIGHT)).toBe(true);
  const shown = [1, 2, 3, 4, 5].map(() => round.next(NIGHT)?.id);
  expect(shown).toEqual(["early", "late", "taken", "minor", "early"]);
});

test("a new extreme incident breaks in, then the round goes on where it was", () => {
  const round = new Round();
  round.see(NIGHT);
  round.next(NIGHT);
  expect(round.see(NIGHT)).toBe(false);
  const later = [...NIGHT, incident("new", "extreme", "new", 20), incident("small", "severe", "new", 21)];
  expect(round.see(later)).toBe(true);
  expect(round.next(later)?.id).toBe("new");
  expect(round.broke).toBe(true);
  expect(round.see(later)).toBe(false);
  expect(round.next(later)?.id).toBe("late");
  expect(round.broke).toBe(false);
});

test("what is no longer open gives way at once, and nothing is shown where nothing is open", () => {
  const round = new Round();
  round.see(NIGHT);
  round.next(NIGHT);
  const calm = [incident("early", "extreme", "closed")];
  expect(round.see(calm)).toBe(true);
  expect(round.next(calm)).toBeNull();
  expect(round.see(calm)).toBe(false);
  expect(round.see([incident("a", "minor")])).toBe(true);
});

test("the map grows with the screen, and is never smaller than usual", () => {
  expect([1280, 1920, 3840, 20_000].map(largerBy)).toEqual([1, 1, 2, 4]);
});
