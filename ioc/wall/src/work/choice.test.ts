import { expect, it } from "vitest";
import { type Incident, readIncident } from "../model";
import { nearest } from "./choice";

function incident(id: string, lat: number | null, more: Record<string, unknown> = {}): Incident {
  const geometry = lat === null ? null : { type: "Point", coordinates: [108.1, lat] };
  const made = readIncident(id, { geometry, properties: { title: `Lũ ${id}`, status: "new", ...more } });
  if (!made) throw new Error("an incident is read");
  return made;
}

const FROM = incident("here", 15.6);
const ALL = [
  incident("far", 15.9),
  incident("near", 15.61),
  incident("nowhere", null),
  incident("closed", 15.601, { status: "closed" }),
  FROM,
];

it("what may be put together with an incident is open, another one, and the nearest first", () => {
  expect(nearest(ALL, FROM, "").map((one) => one.incident.id)).toEqual(["near", "far", "nowhere"]);
});

it("is found by all of its words, in either case", () => {
  expect(nearest(ALL, FROM, "lũ FAR").map((one) => one.incident.id)).toEqual(["far"]);
  expect(nearest(ALL, FROM, "lũ x")).toEqual([]);
});
