import { isJson, type Json, number, type Position, position, text, time } from "../model";

/** The two kinds of what is registered; each has its own routes. */
export const FAMILIES = ["devices", "cameras"] as const;
export type Family = (typeof FAMILIES)[number];

export const LIFECYCLE = ["draft", "approved", "active", "suspended", "retired"] as const;

/** A record as the server tells it; what forms show of it is in `raw`. */
export interface Thing {
  family: Family;
  code: string;
  name: string;
  centre: string;
  areaName: string;
  kind: string;
  position: Position | null;
  lifecycle: string;
  version: number;
  state: string;
  stateSince: number | null;
  /** The steps of the life cycle that lead on from here, the usual one first. */
  steps: string[];
  /** The members that the law asks for and that are not there, and those of them that keep it from being in use. */
  unlawful: string[];
  blocking: string[];
  warrantyUntil: string;
  updatedAt: number | null;
  updatedBy: string;
  /** What a camera sees of the ground, a closed ring. */
  view: Position[];
  raw: Json;
}

export interface Page {
  things: Thing[];
  /** Of all that fit, where the server says so. */
  count: number | null;
  next: string;
}

export const words = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

export function readThing(family: Family, value: unknown): Thing | null {
  if (!isJson(value)) return null;
  const code = text(value.code);
  if (code === "") return null;
  const view = Array.isArray(value.view) ? value.view.map(position).filter((one) => one !== null) : [];
  return {
    family,
    code,
    name: text(value.name, code),
    centre: text(value.centre),
    areaName: text(value.area_name),
    kind: text(value.kind),
    position: position(value.position),
    lifecycle: text(value.lifecycle, "draft"),
    version: number(value.version) ?? 0,
    state: text(value.state),
    stateSince: time(value.state_since),
    steps: words(value.steps),
    unlawful: words(value.unlawful),
    blocking: words(value.blocking),
    warrantyUntil: text(value.warranty_until),
    updatedAt: time(value.updated_at),
    updatedBy: text(value.updated_by),
    view,
    raw: value,
  };
}

export function readPage(family: Family, body: unknown): Page {
  const of = isJson(body) ? body : {};
  const listed = Array.isArray(of[family]) ? of[family] : [];
  return {
    things: listed.map((one) => readThing(family, one)).filter((one) => one !== null),
    count: number(of.count),
    next: text(of.next),
  };
}

const WORKING = new Set(["", "fresh", "live"]);

/** Whether equipment that should work does not; what is no more in use, or not yet, is not missed. */
export function isTroubled(thing: Thing): boolean {
  return thing.lifecycle === "active" && !WORKING.has(thing.state);
}

/** Whether the warranty is over on a day, `YYYY-MM-DD`. */
export function isOutOfWarranty(thing: Thing, today: string): boolean {
  return thing.warrantyUntil !== "" && thing.warrantyUntil < today;
}
