/** When the incidents of a source's property went on, from its alarms. Pure. */

import { isJson, type Json, type Severity, severity, text, time, worse } from "../model";

export interface Span {
  /** The id of the incident. */
  id: string;
  title: string;
  titleEn: string;
  /** The worst of its alarms of this source. */
  severity: Severity;
  from: number;
  /** Null while one of them holds. */
  to: number | null;
}

function spanOf(feature: Json): Span | null {
  const p = isJson(feature.properties) ? feature.properties : {};
  const from = time(p.raised_at);
  const id = text(p.incident);
  if (from === null || id === "") return null;
  const title = text(p.title);
  return {
    ...{ id, title, titleEn: text(p.title_en) || title, from },
    severity: severity(p.severity),
    to: time(p.cleared_at),
  };
}

/** One span for each incident, the oldest first. */
export function spansOf(features: readonly Json[]): Span[] {
  const found = new Map<string, Span>();
  for (const span of features.map(spanOf)) {
    if (!span) continue;
    const other = found.get(span.id);
    const worst = other && worse(other.severity, span.severity) === other.severity ? other : span;
    found.set(span.id, {
      ...worst,
      from: Math.min(span.from, other?.from ?? span.from),
      to: !other ? span.to : other.to === null || span.to === null ? null : Math.max(other.to, span.to),
    });
  }
  return [...found.values()].sort((a, b) => a.from - b.from);
}

/**
 * Where a moment of ours lies on an axis of points that may go by the time of their record.
 *
 * @param points by rising `at`
 */
export function placed(points: readonly { at: number; t: number }[], at: number): number {
  const next = points.findIndex((point) => point.at >= at);
  const after = points[next];
  const before = next > 0 ? points[next - 1] : points.at(-1);
  if (next < 0) return before?.t ?? at;
  if (!after || !before || next === 0) return after?.t ?? at;
  const part = (at - before.at) / Math.max(1, after.at - before.at);
  return before.t + part * (after.t - before.t);
}
