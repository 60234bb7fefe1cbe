import { isJson, type Json, number, text } from "./model";

/** The figures of some hours, as `/api/v1/alarm-quality` gives them; null where there was nothing to have a share of. */
export interface Figures {
  hours: number;
  alarms: number;
  incidents: number;
  hidden: number;
  mean: number;
  peak: number;
  incidentsMean: number;
  incidentsPeak: number;
  flood: number;
  floods: number;
  severities: number[] | null;
  acknowledged: number | null;
  falseAlarms: number | null;
  chattering: number;
  flapping: number;
  standing: number;
  standingMost: number;
}

export interface Day extends Figures {
  day: string;
}

export interface Worst {
  source: string;
  name: string;
  kind: string;
  centre: string;
  alarms: number;
  share: number;
  chattering: number;
  flapping: number;
}

/** What the standards call manageable. */
export interface Targets {
  mean: number;
  peak: number;
  flood: number;
  worstTen: number;
  standing: number;
  chattering: number;
  severities: number[];
}

export interface Quality {
  from: number | null;
  to: number | null;
  missing: number;
  total: Figures;
  days: Day[];
  worst: Worst[];
  worstTen: number | null;
  targets: Targets;
}

function numbers(value: unknown): number[] {
  return Array.isArray(value) ? value.map((one) => number(one) ?? 0) : [];
}

function figuresOf(value: Json): Figures {
  const of = (name: string) => number(value[name]) ?? 0;
  return {
    hours: of("hours"),
    alarms: of("alarms"),
    incidents: of("incidents"),
    hidden: of("hidden"),
    mean: of("alarms_mean"),
    peak: of("alarms_peak"),
    incidentsMean: of("incidents_mean"),
    incidentsPeak: of("incidents_peak"),
    flood: of("flood"),
    floods: of("floods"),
    severities: Array.isArray(value.severities) ? numbers(value.severities) : null,
    acknowledged: number(value.acknowledged),
    falseAlarms: number(value.false_alarms),
    chattering: of("chattering"),
    flapping: of("flapping"),
    standing: of("standing"),
    standingMost: of("standing_most"),
  };
}

function worstOf(value: Json): Worst {
  return {
    source: text(value.source),
    name: text(value.source_name, text(value.source)),
    kind: text(value.source_kind),
    centre: text(value.centre),
    alarms: number(value.alarms) ?? 0,
    share: number(value.share) ?? 0,
    chattering: number(value.chattering) ?? 0,
    flapping: number(value.flapping) ?? 0,
  };
}

function instant(value: unknown): number | null {
  const at = Date.parse(text(value));
  return Number.isNaN(at) ? null : at;
}

/** The answer as the page shows it; what is missing counts as nothing. */
export function qualityOf(value: unknown): Quality {
  const body = isJson(value) ? value : {};
  const list = (name: string) => (Array.isArray(body[name]) ? body[name].filter(isJson) : []);
  const targets = isJson(body.targets) ? body.targets : {};
  const target = (name: string) => number(targets[name]) ?? 0;
  return {
    from: instant(body.from),
    to: instant(body.to),
    missing: number(body.missing) ?? 0,
    total: figuresOf(isJson(body.total) ? body.total : {}),
    days: list("days").map((day) => ({ ...figuresOf(day), day: text(day.day) })),
    worst: list("worst").map(worstOf),
    worstTen: number(body.worst_ten),
    targets: {
      mean: target("alarms_mean"),
      peak: target("alarms_peak"),
      flood: target("flood"),
      worstTen: target("worst_ten"),
      standing: target("standing"),
      chattering: target("chattering"),
      severities: numbers(targets.severities),
    },
  };
}

/** From a day to a day, both included; empty asks for the server's own choice. */
export interface Wanted {
  from: string;
  to: string;
}

/** The address of the figures, or of their export as CSV. */
export function pathOf(wanted: Wanted, table = ""): string {
  const query = new URLSearchParams();
  for (const name of ["from", "to"] as const) if (wanted[name]) query.set(name, wanted[name]);
  if (table) query.set("table", table);
  const base = table ? "/api/v1/alarm-quality/export" : "/api/v1/alarm-quality";
  return query.size > 0 ? `${base}?${query}` : base;
}

/** The days of a span that ends today: `today` is written YYYY-MM-DD. */
export function lastDays(today: string, days: number): Wanted {
  const last = Date.parse(`${today}T00:00:00Z`);
  return { from: new Date(last - (days - 1) * 86_400_000).toISOString().slice(0, 10), to: today };
}

export type Mood = "good" | "bad" | "plain";

/** Whether a figure is within its target; plain where there is nothing to judge. */
export function within(value: number | null, most: number): Mood {
  if (value === null) return "plain";
  return value <= most ? "good" : "bad";
}

/** Whether the shares of the severities are as they should be: enough minor ones, few of the others. */
export function balanced(shares: number[] | null, targets: number[]): Mood {
  if (shares === null || targets.length !== shares.length) return "plain";
  const [minor = 0, ...others] = shares;
  const [least = 0, ...most] = targets;
  return minor >= least && others.every((share, place) => share <= (most[place] ?? 0)) ? "good" : "bad";
}
