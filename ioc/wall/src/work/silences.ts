import { getJson } from "../api";
import { isJson, type Json, number, SEVERITIES, type Severity, severity, text, time } from "../model";

const EVERY_MS = 20_000;

/** A silence as `/api/v1/silences` tells it. */
export interface Silence {
  id: string;
  version: number;
  author: string;
  reason: string;
  sources: string[];
  rules: string[];
  categories: string[];
  areas: string[];
  centres: string[];
  /** It mutes up to this severity. */
  worst: Severity;
  from: number | null;
  ends: number | null;
  /** Its windows, where it comes back. */
  recurs: { start: string; end: string; days: number[] } | null;
  state: string;
  /** Whether it mutes at this moment. */
  mutes: boolean;
  hidden: number;
  holding: number;
  hiddenWorst: Severity | null;
}

/** An alarm that a silence hid. */
export interface Hidden {
  id: string;
  incident: string | null;
  title: string;
  titleEn: string;
  severity: Severity;
  sourceName: string;
  at: number | null;
  clearedAt: number | null;
  releasedAt: number | null;
}

const texts = (value: unknown) =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
const graded = (value: unknown) => (typeof value === "string" ? severity(value) : null);

function readWindows(value: unknown): Silence["recurs"] {
  if (!isJson(value)) return null;
  const days = Array.isArray(value.days) ? value.days.filter((day) => typeof day === "number") : [];
  return { start: text(value.start), end: text(value.end), days };
}

export function readSilence(value: Json): Silence {
  return {
    id: text(value.id),
    version: number(value.version) ?? 0,
    author: text(value.author),
    reason: text(value.reason),
    sources: texts(value.sources),
    rules: texts(value.rules),
    categories: texts(value.categories),
    areas: texts(value.areas),
    centres: texts(value.centres),
    worst: severity(value.worst),
    from: time(value.from),
    ends: time(value.ends),
    recurs: readWindows(value.recurs),
    state: text(value.state),
    mutes: value.mutes === true,
    hidden: number(value.hidden) ?? 0,
    holding: number(value.holding) ?? 0,
    hiddenWorst: graded(value.hidden_worst),
  };
}

export function readSilences(body: unknown): Silence[] {
  if (!isJson(body) || !Array.isArray(body.silences)) return [];
  return body.silences.filter(isJson).map(readSilence);
}

export function readHidden(body: unknown): Hidden[] {
  if (!isJson(body) || !Array.isArray(body.alarms)) return [];
  return body.alarms.filter(isJson).map((one) => ({
    id: text(one.alarm),
    incident: text(one.incident) || null,
    title: text(one.title),
    titleEn: text(one.title_en) || text(one.title),
    severity: severity(one.severity),
    sourceName: text(one.source_name, text(one.source)),
    at: time(one.hidden_at),
    clearedAt: time(one.cleared_at),
    releasedAt: time(one.released_at),
  }));
}

/** What is known of an alarm, or of a source alone. */
export interface Muted {
  source: string;
  rule?: string;
  category?: string;
  severity?: Severity;
}

const named = (list: string[], one: string | undefined, same: (a: string, b: string) => boolean) =>
  list.length === 0 || (one !== undefined && list.some((entry) => same(entry, one)));
const equal = (a: string, b: string) => a === b;
/** `river-levels/river-level` is of every version. */
const ruled = (wanted: string, rule: string) =>
  wanted === rule || (!wanted.includes("@") && wanted === rule.split("@")[0]);

/**
 * Whether a silence mutes this now, as far as the wall can tell: of areas and centres only the server knows. Of a
 * source alone only a silence that names it says so.
 */
export function mutes(silence: Silence, one: Muted): boolean {
  const alone = one.rule === undefined;
  if (!silence.mutes || silence.areas.length > 0) return false;
  if (alone) return silence.sources.includes(one.source);
  const graver =
    one.severity !== undefined && SEVERITIES.indexOf(one.severity) < SEVERITIES.indexOf(silence.worst);
  const lists = silence.sources.length + silence.rules.length + silence.categories.length;
  return (
    lists > 0 &&
    !graver &&
    named(silence.sources, one.source, equal) &&
    named(silence.rules, one.rule, ruled) &&
    named(silence.categories, one.category, equal)
  );
}

/** The silences that are not over, looked at again and again. */
export class Silences {
  list: Silence[] = [];
  private asking = false;
  private again = false;

  /** @param onChange the list is another one */
  constructor(private readonly onChange: () => void) {}

  start(): void {
    void this.refresh();
    setInterval(() => void this.refresh(), EVERY_MS);
  }

  /** The silence that mutes this now, or undefined. */
  of(one: Muted): Silence | undefined {
    return this.list.find((silence) => mutes(silence, one));
  }

  async refresh(): Promise<void> {
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    try {
      do {
        this.again = false;
        const found = readSilences(await getJson("/api/v1/silences?limit=500"));
        if (JSON.stringify(found) !== JSON.stringify(this.list)) {
          this.list = found;
          this.onChange();
        }
      } while (this.again);
    } catch {
      // The list of before stands; that the server is away shows in the stream.
    } finally {
      this.asking = false;
    }
  }
}
