/** Rain by the hour and summed over hours, from gauges that tell either amounts or sums over a period. Pure. */

import { isJson, number, type Severity, time } from "../model";
import { limitsOf } from "../rules/rule";

const HOUR = 3_600_000;

/** The rain of an hour, in mm; `spread`: a part of a sum over more than the hour. */
export interface Hour {
  at: number;
  amount: number;
  spread: boolean;
}

/** An amount that fell up to `until` within some hours. */
export interface Sum {
  until: number;
  hours: number;
  amount: number;
}

/** What an hour's readings come to, of a gauge that tells what fell since its last reading. */
export function gauged(body: unknown): Hour[] {
  const rollups = isJson(body) && Array.isArray(body.rollups) ? body.rollups.filter(isJson) : [];
  return rollups.flatMap((one) => {
    const [at, count, mean] = [time(one.at), number(one.count), number(one.mean)];
    if (at === null || count === null || mean === null) return [];
    return [{ at, amount: rounded(count * mean), spread: false }];
  });
}

const rounded = (amount: number) => Math.round(amount * 1_000) / 1_000;

/**
 * Sums over periods as hours.
 *
 * A sum over several hours is spread evenly over those of them of which no shorter sum tells, after what shorter
 * sums tell has been taken off; nobody knows more.
 */
export function spreadOut(sums: readonly Sum[]): Hour[] {
  const found = new Map<number, Hour>();
  for (const sum of [...sums].sort((a, b) => a.hours - b.hours || a.until - b.until)) {
    const length = Math.max(1, Math.round(sum.hours));
    const end = Math.round(sum.until / HOUR) * HOUR;
    const hours = Array.from({ length }, (_, place) => end - (length - place) * HOUR);
    const free = hours.filter((at) => !found.has(at));
    const told = hours.reduce((all, at) => all + (found.get(at)?.amount ?? 0), 0);
    const amount = Math.max(0, sum.amount - told) / Math.max(1, free.length);
    for (const at of free) found.set(at, { at, amount: rounded(amount), spread: length > 1 });
  }
  return [...found.values()].sort((a, b) => a.at - b.at);
}

export interface Running {
  at: number;
  /** The rain of so many hours up to the end of this one. */
  sum: number;
  /** How many of them are known. */
  known: number;
}

/** The running sum over some hours, of each hour that is known. */
export function running(hours: readonly Hour[], over: number): Running[] {
  return hours.map((hour, place) => {
    const within = hours.slice(0, place + 1).filter((one) => one.at > hour.at - over * HOUR);
    return {
      at: hour.at,
      sum: rounded(within.reduce((all, one) => all + one.amount, 0)),
      known: within.length,
    };
  });
}

export type RainLimits = Record<number, { severity: Severity; value: number }[]>;

/** The limits of rain within 1, 3 and 24 hours, by rules of a device and what is said otherwise for it. */
export function rainLimits(body: unknown, device: string, area: string): RainLimits {
  const found: RainLimits = {};
  const rules = isJson(body) && Array.isArray(body.rules) ? body.rules.filter(isJson) : [];
  for (const one of rules) {
    const rule = isJson(one.rule) ? one.rule : {};
    if (one.enabled !== true || rule.quiet === true) continue;
    const hours = isJson(rule.window)
      ? number(rule.window.kind === "sum" ? rule.window.hours : null)
      : number(isJson(rule.when) ? rule.when.max : null);
    if (hours === null) continue;
    const others = (Array.isArray(one.overrides) ? one.overrides : []).filter(isJson);
    const own =
      others.find((other) => other.kind === "device" && other.subject === device) ??
      others.find((other) => other.kind === "area" && area !== "" && other.subject === area);
    const limits = limitsOf(own?.levels ?? rule.levels);
    found[hours] = Object.entries(limits)
      .map(([severity, value]) => ({ severity: severity as Severity, value }))
      .sort((a, b) => a.value - b.value);
  }
  return found;
}
