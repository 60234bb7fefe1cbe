import { expect, it } from "vitest";
import { readDoubts, sharing } from "./doubts";

const DOUBT = {
  alarm: "a",
  title: "Người dân báo",
  severity: "severe",
  photo: "/api/v1/media/0190a1b2-0000-7000-8000-000000000001",
  position: [108.3, 15.9],
  candidates: [{ incident: "i", version: 3, title: "Lũ", distance_m: 420, position: [108.31, 15.9] }],
};

it("a doubt has its photograph, its place and what it may belong to", () => {
  const { doubts, count } = readDoubts({ doubts: [DOUBT], count: 7 });
  expect(count).toBe(7);
  expect(doubts[0]?.photo).toBe(DOUBT.photo);
  expect(doubts[0]?.candidates[0]).toMatchObject({ id: "i", version: 3, titleEn: "Lũ", metres: 420 });
});

it("a photograph comes from the centre's own store or not at all", () => {
  for (const photo of ["https://elsewhere/x.jpg", "javascript:x", "/api/v1/media/../session", null]) {
    expect(readDoubts({ doubts: [{ ...DOUBT, photo }] }).doubts[0]?.photo).toBeNull();
  }
});

it("what is no queue is empty", () => {
  expect(readDoubts(null)).toEqual({ doubts: [], count: 0 });
  expect(readDoubts({ doubts: "x" }).doubts).toEqual([]);
});

it("what waits for the same incident is found among what waits, in the order of the queue", () => {
  const of = (alarm: string, ...incidents: string[]) => ({
    ...DOUBT,
    alarm,
    candidates: incidents.map((incident) => ({ incident, title: "Lũ" })),
  });
  const { doubts } = readDoubts({ doubts: [of("a", "i", "j"), of("b", "j", "k"), of("c", "i"), of("d")] });
  const waiting = (incident: string) => sharing(doubts, incident).map((one) => one.alarm);
  expect([waiting("i"), waiting("j"), waiting("k"), waiting("x")]).toEqual([
    ["a", "c"],
    ["a", "b"],
    ["b"],
    [],
  ]);
});
