/** How many incidents were opened in each hour, by severity. Pure. */

import { isJson, type Json, SEVERITIES, type Severity, severity, time } from "../model";

const HOUR = 3_600_000;

export type Hourly = { at: number } & Record<Severity, number>;

const none = (at: number): Hourly => ({ at, extreme: 0, severe: 0, moderate: 0, minor: 0 });

/**
 * Every hour from one moment up to another, those without an incident too.
 *
 * @param offset what the zone is ahead of UTC: hours begin where the reader's do
 */
export function hoursOf(features: readonly Json[], from: number, to: number, offset: number): Hourly[] {
  const begin = (ms: number) => Math.floor((ms + offset) / HOUR) * HOUR - offset;
  const found = new Map<number, Hourly>();
  for (let at = begin(from); at < to; at += HOUR) found.set(at, none(at));
  for (const feature of features) {
    const p = isJson(feature.properties) ? feature.properties : {};
    const opened = time(p.opened_at);
    const hour = opened === null || opened < from ? undefined : found.get(begin(opened));
    if (hour) hour[severity(p.severity)] += 1;
  }
  return [...found.values()];
}

export const countOf = (hour: Hourly) => SEVERITIES.reduce((all, one) => all + hour[one], 0);

export function totals(hours: readonly Hourly[]): Hourly {
  const all = none(0);
  for (const hour of hours) for (const one of SEVERITIES) all[one] += hour[one];
  return all;
}
