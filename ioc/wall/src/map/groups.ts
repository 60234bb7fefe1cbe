import type { Feature, Point } from "geojson";
import type { GeoJSONSource } from "maplibre-gl";
import type { Incident, Place } from "../model";
import { type Located, point } from "./things";

type Dot = Feature<Point>;

export function ofIncident(one: Located<Incident>): Dot {
  const { id, severity, status } = one;
  return point(one.position, { id, severity, status });
}

export function ofPlace(one: Located<Place>): Dot {
  return point(one.position, { id: one.code, code: one.code, kind: one.kind, state: one.state });
}

/** Thousands of things in a source of their own: only what differs from the last time is sent to it. */
export class Groups<T> {
  private readonly given = new Map<string, T>();

  constructor(
    private readonly source: () => GeoJSONSource | undefined,
    private readonly idOf: (one: T) => string,
    private readonly draw: (one: T) => Dot,
  ) {}

  show(things: T[]): void {
    const { given } = this;
    const now = new Set(things.map(this.idOf));
    const remove = [...given.keys()].filter((id) => !now.has(id));
    const add = things.filter((one) => given.get(this.idOf(one)) !== one);
    if (remove.length === 0 && add.length === 0) return;
    for (const id of remove) given.delete(id);
    for (const one of add) given.set(this.idOf(one), one);
    // What is added under an id that is there takes its place.
    void this.source()?.updateData({ remove, add: add.map(this.draw) });
  }
}
