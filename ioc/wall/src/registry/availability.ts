import { isJson, type Json, number, text, time } from "../model";

export interface Figures {
  /** Of the known time, 0..1; null: nothing is known. */
  share: number | null;
  failing: number;
  unknown: number;
  failures: number;
  repairs: number;
  /** The mean time to repair, in seconds. */
  repair: number | null;
}

export interface UnitRow extends Figures {
  centre: string;
  name: string;
  nameEn: string;
  things: number;
  failingNow: number;
  offenders: number;
}

export interface ThingRow extends Figures {
  subject: "device" | "camera";
  code: string;
  name: string;
  centre: string;
  state: string;
  failingSince: number | null;
  reason: string;
  offends: boolean;
}

export interface Availability {
  month: string;
  total: UnitRow | null;
  units: UnitRow[];
  things: ThingRow[];
  next: number | null;
}

function figuresOf(one: Json): Figures {
  return {
    share: number(one.share),
    failing: number(one.failing_s) ?? 0,
    unknown: number(one.unknown_s) ?? 0,
    failures: number(one.failures) ?? 0,
    repairs: number(one.repairs) ?? 0,
    repair: number(one.repair_s),
  };
}

function unitOf(one: Json): UnitRow {
  return {
    ...figuresOf(one),
    centre: text(one.centre),
    name: text(one.name, text(one.centre)),
    nameEn: text(one.name_en, text(one.name, text(one.centre))),
    things: number(one.things) ?? 0,
    failingNow: number(one.failing_now) ?? 0,
    offenders: number(one.offenders) ?? 0,
  };
}

function thingOf(one: Json): ThingRow {
  return {
    ...figuresOf(one),
    subject: one.subject === "camera" ? "camera" : "device",
    code: text(one.code),
    name: text(one.name, text(one.code)),
    centre: text(one.centre),
    state: text(one.state),
    failingSince: time(one.failing_since),
    reason: text(one.reason),
    offends: one.offends === true,
  };
}

export function readAvailability(body: unknown): Availability {
  const of = isJson(body) ? body : {};
  const list = (value: unknown) => (Array.isArray(value) ? value.filter(isJson) : []);
  return {
    month: text(of.month),
    total: isJson(of.total) ? unitOf(of.total) : null,
    units: list(of.units).map(unitOf),
    things: list(of.things)
      .map(thingOf)
      .filter(({ code }) => code !== ""),
    next: number(of.next),
  };
}

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;

export function isMonth(month: string): boolean {
  return MONTH.test(month);
}

/** So many months after a month `YYYY-MM`. */
export function monthAfter(month: string, months: number): string {
  const [, year = "0", of = "1"] = MONTH.exec(month) ?? [];
  const counted = Number(year) * 12 + Number(of) - 1 + months;
  return `${String(Math.floor(counted / 12)).padStart(4, "0")}-${String((counted % 12) + 1).padStart(2, "0")}`;
}

/** The month of a day `YYYY-MM-DD`. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

export interface Asked {
  month: string;
  by: "unit" | "device";
  centre: string;
  subject: string;
  code?: string;
}

/** As the query of an address; `csv` without what only pages know. */
export function queryOf(asked: Asked, offset = 0): string {
  const query = new URLSearchParams({ month: asked.month, by: asked.by });
  for (const name of ["centre", "subject", "code"] as const) {
    const value = asked[name];
    if (value) query.set(name, value);
  }
  if (offset > 0) query.set("offset", String(offset));
  return query.toString();
}

/** A share as per cent that never says all where something is missing. */
export function percentOf(share: number): number {
  const round = Math.round(share * 1_000) / 10;
  if (share < 1 && round === 100) return 99.9;
  return share > 0 && round === 0 ? 0.1 : round;
}
