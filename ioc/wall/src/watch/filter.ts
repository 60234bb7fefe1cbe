/** What a reader has chosen to see of the incidents. Pure. */

import { type Incident, isJson, isOpen, SEVERITIES, type Severity } from "../model";

export const KINDS = ["severity", "source", "category", "centre", "area"] as const;
export type Kind = (typeof KINDS)[number];

/** The chosen values of each kind; none chosen: all of them pass. */
export type Filter = Readonly<Record<Kind, readonly string[]>>;

export const NOTHING_CHOSEN: Filter = { severity: [], source: [], category: [], centre: [], area: [] };

/** So many values of a kind are kept: what comes from a store is not believed. */
const MOST = 200;

/** The values that an incident has of a kind. */
function valuesOf(incident: Incident, kind: Kind): readonly string[] {
  if (kind === "source") return incident.sources;
  if (kind === "area") return [incident.areaCode];
  return [incident[kind]];
}

export function isChosen(filter: Filter): boolean {
  return KINDS.some((kind) => filter[kind].length > 0);
}

/** Whether an incident has, of each kind of which something is chosen, one of the chosen values. */
export function passes(filter: Filter, incident: Incident): boolean {
  return KINDS.every((kind) => {
    const chosen = filter[kind];
    return chosen.length === 0 || valuesOf(incident, kind).some((value) => chosen.includes(value));
  });
}

export function toggled(filter: Filter, kind: Kind, value: string): Filter {
  const chosen = filter[kind];
  const next = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
  return { ...filter, [kind]: next };
}

/** A filter out of what was kept; what is no list of words is left out. */
export function readFilter(kept: unknown): Filter {
  if (!isJson(kept)) return NOTHING_CHOSEN;
  const words = (kind: Kind) => {
    const list = kept[kind];
    return Array.isArray(list) ? list.filter((one) => typeof one === "string").slice(0, MOST) : [];
  };
  return {
    severity: words("severity"),
    source: words("source"),
    category: words("category"),
    centre: words("centre"),
    area: words("area"),
  };
}

/** What a filter shows of the open incidents, and what it hides of each severity. */
export interface Shown {
  shown: number;
  all: number;
  hidden: Readonly<Record<Severity, number>>;
}

export function countShown(passing: (incident: Incident) => boolean, incidents: Iterable<Incident>): Shown {
  const hidden: Record<Severity, number> = { extreme: 0, severe: 0, moderate: 0, minor: 0 };
  let [shown, all] = [0, 0];
  for (const incident of incidents) {
    if (!isOpen(incident)) continue;
    all += 1;
    if (passing(incident)) shown += 1;
    else hidden[incident.severity] += 1;
  }
  return { shown, all, hidden };
}

/** The worst severity of which something is hidden. */
export function worstHidden({ hidden }: Shown): Severity | null {
  return SEVERITIES.find((one) => hidden[one] > 0) ?? null;
}

/** What can be chosen of a kind, with how many open incidents have it; what is chosen stays, also without any. */
export function choices(filter: Filter, kind: Kind, incidents: Iterable<Incident>): Map<string, number> {
  const counts = new Map<string, number>(filter[kind].map((value) => [value, 0]));
  if (kind === "severity") for (const one of SEVERITIES) counts.set(one, 0);
  for (const incident of incidents) {
    if (!isOpen(incident)) continue;
    for (const value of valuesOf(incident, kind)) {
      if (value !== "") counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  return counts;
}
