/** How units stand in a span, as `/api/v1/ticket-figures` gives it. Pure. */

import { daysAfter, weekOf } from "../duty/week";
import { isJson, type Json, number, type Severity, severity, text, time } from "../model";

/** Figures that have tickets behind them, in the order of the table. */
export const COUNTS = [
  "received",
  "accepted",
  "accepted_on_time",
  "accepted_late",
  "done",
  "on_time",
  "overdue",
  "bounced",
  "reopened",
  "cancelled",
  "open",
] as const;
export type Count = (typeof COUNTS)[number];

/** Those of which less is better: above nought they stand out. */
export const BAD: ReadonlySet<Count> = new Set(["accepted_late", "overdue"]);

export const PHASES = ["to_accept", "to_done", "to_verify", "to_end"] as const;
export type Phase = (typeof PHASES)[number];

export interface Times {
  number: number;
  /** Seconds; null where nothing was there to be measured. */
  median: number | null;
  p90: number | null;
}

export interface Row {
  key: string;
  name: string;
  nameEn: string;
  counts: Record<Count, number>;
  phases: Record<Phase, Times>;
}

export interface Figures {
  since: number | null;
  until: number | null;
  total: Row | null;
  rows: Row[];
}

/** A ticket behind a figure; of one that is with another centre by now only the times are told. */
export interface Behind {
  id: string;
  number: number | null;
  title: string;
  titleEn: string;
  state: string;
  unit: string;
  severity: Severity;
  receivedAt: number | null;
  acceptBy: number | null;
  acceptedAt: number | null;
  dueAt: number | null;
  resolvedAt: number | null;
}

function readTimes(value: unknown): Times {
  const of = isJson(value) ? value : {};
  return { number: number(of.number) ?? 0, median: number(of.p50_s), p90: number(of.p90_s) };
}

function readRow(value: Json): Row {
  const counts = Object.fromEntries(COUNTS.map((name) => [name, number(value[name]) ?? 0]));
  const phases = Object.fromEntries(PHASES.map((name) => [name, readTimes(value[name])]));
  return {
    key: text(value.key),
    name: text(value.name, text(value.key)),
    nameEn: text(value.name_en) || text(value.name, text(value.key)),
    counts: counts as Record<Count, number>,
    phases: phases as Record<Phase, Times>,
  };
}

export function readFigures(body: unknown): Figures {
  if (!isJson(body)) return { since: null, until: null, total: null, rows: [] };
  return {
    since: time(body.since),
    until: time(body.until),
    total: isJson(body.total) ? readRow(body.total) : null,
    rows: Array.isArray(body.rows) ? body.rows.filter(isJson).map(readRow) : [],
  };
}

export function readBehind(body: unknown): { tickets: Behind[]; next: string } {
  if (!isJson(body) || !Array.isArray(body.tickets)) return { tickets: [], next: "" };
  const tickets = body.tickets.filter(isJson).map((one) => ({
    id: text(one.id),
    number: number(one.number),
    title: text(one.title),
    titleEn: text(one.title_en) || text(one.title),
    state: text(one.state),
    unit: text(one.unit),
    severity: severity(one.severity),
    receivedAt: time(one.received_at),
    acceptBy: time(one.accept_by),
    acceptedAt: time(one.accepted_at),
    dueAt: time(one.due_at),
    resolvedAt: time(one.resolved_at),
  }));
  return { tickets, next: text(body.next) };
}

export interface Wish {
  /** Local days, both included. */
  from: string;
  to: string;
  by: string;
}

export function thisWeek(today: string): { from: string; to: string } {
  return { from: weekOf(today)[0] ?? today, to: today };
}

export function thisMonth(today: string): { from: string; to: string } {
  return { from: `${today.slice(0, 8)}01`, to: today };
}

export function lastWeek(today: string): { from: string; to: string } {
  const monday = daysAfter(weekOf(today)[0] ?? today, -7);
  return { from: monday, to: daysAfter(monday, 6) };
}

/** The address of the figures, of their CSV, or of the tickets behind one. */
export function pathOf(
  wish: Wish,
  more: { part?: "export" | "tickets"; key?: string; figure?: Count; after?: string } = {},
): string {
  const query = new URLSearchParams({ from: wish.from, to: wish.to });
  if (more.part === "tickets") {
    if (more.key) query.set(wish.by, more.key);
    if (more.figure) query.set("figure", more.figure);
    if (more.after) query.set("after", more.after);
  } else query.set("by", wish.by);
  return `/api/v1/ticket-figures${more.part ? `/${more.part}` : ""}?${query}`;
}

/** How many of those that are done were done in time, 0 to 1; null where none is. */
export function onTimeShare(row: Row): number | null {
  const { done, on_time } = row.counts;
  return done === 0 ? null : on_time / done;
}
