/** The policy of tickets as one document: read for showing, changed by putting a copy in its place. Pure. */

import { isJson, type Json, number, text, time } from "../model";
import { readUnits, type Unit } from "../tickets/units";

export interface Route {
  categories: string[];
  severities: string[];
  areas: string[];
  fromDay: string;
  toDay: string;
  unit: string;
  task: string;
  along: { unit: string; task: string }[];
  why: string;
}

export interface Clock {
  categories: string[];
  severities: string[];
  acceptMin: number | null;
  doneMin: number | null;
  hours: string;
  waitStops: boolean;
  verify: boolean;
  remindMin: number[];
  nagMin: number | null;
  plan: string;
}

export interface PlanStep {
  stage: string;
  afterMin: number;
  act: string;
  whom: string[];
}

export interface Holidays {
  year: number;
  off: string[];
  worked: string[];
  source: string;
  announced: boolean;
}

export interface Policy {
  version: number;
  bouncesUp: number;
  cancelWhenOver: boolean;
  units: Unit[];
  needs: { categories: string[]; severity: string }[];
  routes: Route[];
  clocks: Clock[];
  plans: { code: string; steps: PlanStep[] }[];
  work: { days: number[]; hours: [string, string][] }[];
  holidays: Holidays[];
}

export interface Version {
  version: number;
  at: number | null;
  who: string;
  why: string;
  /** It came with the program. */
  shipped: boolean;
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : []);
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
const numbers = (value: unknown): number[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "number") : [];

function readRoute(one: Json): Route {
  return {
    categories: texts(one.categories),
    severities: texts(one.severities),
    areas: texts(one.areas),
    fromDay: text(one.from_day),
    toDay: text(one.to_day),
    unit: text(one.unit),
    task: text(one.task),
    along: list(one.along).map((also) => ({ unit: text(also.unit), task: text(also.task) })),
    why: text(one.why),
  };
}

function readClock(one: Json): Clock {
  return {
    categories: texts(one.categories),
    severities: texts(one.severities),
    acceptMin: number(one.accept_min),
    doneMin: number(one.done_min),
    hours: text(one.hours, "always"),
    waitStops: one.wait_stops === true,
    verify: one.verify !== false,
    remindMin: numbers(one.remind_min),
    nagMin: number(one.nag_min),
    plan: text(one.plan),
  };
}

function readPlan(one: Json): Policy["plans"][number] {
  return {
    code: text(one.code),
    steps: list(one.steps).map((step) => ({
      stage: text(step.stage),
      afterMin: number(step.after_min) ?? 0,
      act: text(step.do),
      whom: texts(step.whom),
    })),
  };
}

/** "07:00:00" as "07:00". */
const shortTime = (value: unknown) => text(value).slice(0, 5);

function readWork(one: Json): Policy["work"][number] {
  const spans = Array.isArray(one.hours) ? one.hours.filter((span) => Array.isArray(span)) : [];
  return {
    days: numbers(one.days),
    hours: spans.map((span): [string, string] => [shortTime(span[0]), shortTime(span[1])]),
  };
}

export function readPolicy(document: Json): Policy {
  return {
    version: number(document.version) ?? 0,
    bouncesUp: number(document.bounces_up) ?? 3,
    cancelWhenOver: document.cancel_when_over !== false,
    units: readUnits(document.units),
    needs: list(document.needs).map((one) => ({
      categories: texts(one.categories),
      severity: text(one.severity, "minor"),
    })),
    routes: list(document.routes).map(readRoute),
    clocks: list(document.clocks).map(readClock),
    plans: list(document.plans).map(readPlan),
    work: list(document.work).map(readWork),
    holidays: list(document.holidays).map((one) => ({
      year: number(one.year) ?? 0,
      off: texts(one.off),
      worked: texts(one.worked),
      source: text(one.source),
      announced: one.announced !== false,
    })),
  };
}

/** The document within an answer, with its version, and the years whose holidays are missing or not announced. */
export function readAnswer(body: unknown): { document: Json; gaps: number[] } {
  if (!isJson(body) || !isJson(body.policy)) return { document: {}, gaps: [] };
  return { document: { ...body.policy, version: body.version }, gaps: numbers(body.gaps) };
}

export function readVersions(body: unknown): Version[] {
  return list(isJson(body) ? body.versions : [])
    .map((one) => ({
      version: number(one.version) ?? 0,
      at: time(one.at),
      who: text(one.who),
      why: text(one.why),
      shipped: one.shipped === true,
    }))
    .sort((a, b) => b.version - a.version);
}

/** The document with one entry of one of its lists changed; everything else stays as it was. */
export function withEntry(document: Json, name: string, index: number, change: Json): Json {
  const entries = list(document[name]);
  return { ...document, [name]: entries.map((one, at) => (at === index ? { ...one, ...change } : one)) };
}

/** The document without the version, which is the server's to give: what people edit as text. */
export function textOf(document: Json): string {
  const { version: _, ...rest } = document;
  return JSON.stringify(rest, null, 2);
}

/** What somebody typed; null where it is no document. */
export function parsed(typed: string): Json | null {
  try {
    const value: unknown = JSON.parse(typed);
    return isJson(value) ? value : null;
  } catch {
    return null;
  }
}

/** Minutes that somebody typed: empty is none; undefined where it is no whole number of at least nought. */
export function minutesOf(typed: string): number | null | undefined {
  const trimmed = typed.trim();
  if (trimmed === "") return null;
  return /^\d{1,6}$/.test(trimmed) ? Number(trimmed) : undefined;
}

/** What is wrong with a document, a sentence each, where it was refused for that. */
export function faultsOf(problem: Json): string[] {
  return texts(problem.faults);
}
