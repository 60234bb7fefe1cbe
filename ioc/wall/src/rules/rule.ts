import { isJson, type Json, number, SEVERITIES, type Severity, severity, text, time } from "../model";

const DAY_MS = 86_400_000;

export type Limits = Partial<Record<Severity, number>>;

export interface Override {
  kind: "device" | "area";
  subject: string;
  limits: Limits;
}

/** A version of a rule, as `/api/v1/rules` tells it. */
export interface Rule {
  pack: string;
  code: string;
  version: number;
  newest: number;
  enabled: boolean;
  demo: boolean;
  origin: string;
  judged: number;
  what: string;
  at: number | null;
  who: string;
  reason: string;
  body: Json;
  overrides: Override[];
  /** Why the program cannot use it, empty where it can. */
  fault: string;
}

/** A line of a rule's history. */
export interface Version {
  version: number;
  enabled: boolean;
  what: string;
  at: number | null;
  who: string;
  reason: string;
}

const listed = (value: unknown) => (Array.isArray(value) ? value.filter(isJson) : []);

export function limitsOf(value: unknown): Limits {
  const limits: Limits = {};
  if (!isJson(value)) return limits;
  for (const one of SEVERITIES) {
    const limit = number(value[one]);
    if (limit !== null) limits[one] = limit;
  }
  return limits;
}

function overrideOf(value: Json): Override {
  return {
    kind: value.kind === "area" ? "area" : "device",
    subject: text(value.subject),
    limits: limitsOf(value.levels),
  };
}

export function ruleOf(value: unknown): Rule | null {
  if (!isJson(value) || !isJson(value.rule)) return null;
  const version = number(value.version) ?? 0;
  return {
    pack: text(value.pack),
    code: text(value.code),
    version,
    newest: number(value.newest) ?? version,
    enabled: value.enabled === true,
    demo: value.demo === true,
    origin: text(value.origin),
    judged: number(value.judged_version) ?? version,
    what: text(value.what),
    at: time(value.at),
    who: text(value.who),
    reason: text(value.reason),
    body: value.rule,
    overrides: listed(value.overrides).map(overrideOf),
    fault: text(value.fault),
  };
}

export function rulesOf(body: unknown): { rules: Rule[]; next: string } {
  if (!isJson(body)) return { rules: [], next: "" };
  const rules = listed(body.rules).flatMap((one) => ruleOf(one) ?? []);
  return { rules, next: text(body.next) };
}

export function versionsOf(body: unknown): Version[] {
  return (isJson(body) ? listed(body.versions) : []).map((one) => ({
    version: number(one.version) ?? 0,
    enabled: one.enabled === true,
    what: text(one.what),
    at: time(one.at),
    who: text(one.who),
    reason: text(one.reason),
  }));
}

/** What has a field of its own in the form; the rest of a rule is written as JSON. */
export const FIELDS = [
  "title",
  "title_en",
  "source",
  "levels",
  "clear_margin",
  "for_s",
  "clear_for_s",
] as const;

/** The members of a rule that have no field of their own. */
export function restOf(body: Json): Json {
  const own = new Set<string>(FIELDS);
  return Object.fromEntries(Object.entries(body).filter(([name]) => !own.has(name)));
}

/** What the fields of the form hold, as they were typed. */
export interface Typed {
  title: string;
  titleEn: string;
  source: string;
  limits: Record<Severity, string>;
  margin: string;
  /** Minutes. */
  after: string;
  until: string;
  rest: string;
}

export type Fault = "json" | "number";

/** A number as it is typed here: with a comma or a point. Null where it is none. */
export function typedNumber(typed: string): number | null {
  const plain = typed.trim().replace(",", ".");
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
}

function limitsTyped(typed: Record<Severity, string>): Limits | null {
  const limits: Limits = {};
  for (const one of SEVERITIES) {
    if (typed[one].trim() === "") continue;
    const limit = typedNumber(typed[one]);
    if (limit === null) return null;
    limits[one] = limit;
  }
  return limits;
}

/** The rule that was typed, or what cannot be read. Members with their plain value are left out, as packs leave them out. */
export function bodyOf(typed: Typed): Json | Fault {
  let rest: unknown;
  try {
    rest = JSON.parse(typed.rest || "{}");
  } catch {
    return "json";
  }
  if (!isJson(rest)) return "json";
  const limits = limitsTyped(typed.limits);
  const figures = [typed.margin, typed.after, typed.until].map((one) =>
    one.trim() === "" ? 0 : typedNumber(one),
  );
  const [margin, after, until] = figures;
  if (limits === null || margin == null || after == null || until == null) return "number";
  return {
    ...rest,
    title: typed.title,
    title_en: typed.titleEn,
    ...(typed.source === "" ? {} : { source: typed.source }),
    ...(Object.keys(limits).length === 0 ? {} : { levels: limits }),
    ...(margin === 0 ? {} : { clear_margin: margin }),
    ...(after === 0 ? {} : { for_s: after * 60 }),
    ...(until === 0 ? {} : { clear_for_s: until * 60 }),
  };
}

/** What a test of a rule came to, of one version. */
export interface Outcome {
  alarms: number;
  incidents: number;
  /** Alarms that a person would have had to decide about. */
  waiting: number;
  sources: number;
  days: { day: string; alarms: number; incidents: number }[];
  listed: Would[];
}

export interface Would {
  at: number | null;
  endedAt: number | null;
  alarms: number;
  severity: Severity;
  title: string;
  titleEn: string;
  sourceName: string;
  property: string;
  value: number | null;
  limit: number | null;
}

export interface Tested {
  from: number | null;
  to: number | null;
  through: number | null;
  stopped: string;
  values: number;
  tookMs: number;
  after: Outcome;
  before: Outcome | null;
}

function wouldOf(value: Json): Would {
  const why = isJson(value.why) ? value.why : {};
  return {
    at: time(value.at),
    endedAt: time(value.ended_at),
    alarms: number(value.alarms) ?? 0,
    severity: severity(value.severity),
    title: text(value.title),
    titleEn: text(value.title_en) || text(value.title),
    sourceName: text(value.source_name, text(value.source)),
    property: text(value.property),
    value: number(why.value),
    limit: number(why.limit),
  };
}

function outcomeOf(value: unknown): Outcome {
  const one = isJson(value) ? value : {};
  const days = listed(one.days).map((day) => ({
    day: text(day.day),
    alarms: number(day.alarms) ?? 0,
    incidents: number(day.incidents) ?? 0,
  }));
  return {
    alarms: number(one.alarms) ?? 0,
    incidents: number(one.incidents) ?? 0,
    waiting: number(one.waiting) ?? 0,
    sources: number(one.sources) ?? 0,
    days,
    listed: listed(one.listed).map(wouldOf),
  };
}

export function testedOf(body: unknown): Tested | null {
  if (!isJson(body) || !isJson(body.after)) return null;
  return {
    from: time(body.from),
    to: time(body.to),
    through: time(body.through),
    stopped: text(body.stopped),
    values: number(body.values) ?? 0,
    tookMs: number(body.took_ms) ?? 0,
    after: outcomeOf(body.after),
    before: isJson(body.before) ? outcomeOf(body.before) : null,
  };
}

/**
 * Every day of the span in order, with what each outcome has on it; quiet days as well, so that the eye sees how many.
 *
 * @param dayOf the centre's day of a moment
 */
export function daysOf(
  tested: Tested,
  dayOf: (ms: number) => string,
): { day: string; after: number; before: number | null }[] {
  const count = (outcome: Outcome | null) => new Map(outcome?.days.map((one) => [one.day, one.incidents]));
  const [after, before] = [count(tested.after), count(tested.before)];
  const days = new Set([...after.keys(), ...before.keys()]);
  if (tested.from !== null && tested.through !== null) {
    for (let at = tested.from; at < tested.through; at += DAY_MS) days.add(dayOf(at));
  }
  return [...days].sort().map((day) => ({
    day,
    after: after.get(day) ?? 0,
    before: tested.before === null ? null : (before.get(day) ?? 0),
  }));
}

/** Of incidents that people judged: how many were false alarms, by rule without its version. */
export function ratesOf(body: unknown): Map<string, { judged: number; wrong: number }> {
  const rates = new Map<string, { judged: number; wrong: number }>();
  for (const one of isJson(body) ? listed(body.rules) : []) {
    const name = text(one.name).split("@")[0] ?? "";
    const before = rates.get(name) ?? { judged: 0, wrong: 0 };
    rates.set(name, {
      judged: before.judged + (number(one.judged) ?? 0),
      wrong: before.wrong + (number(one.false_alarms) ?? 0),
    });
  }
  return rates;
}
