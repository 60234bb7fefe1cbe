/** The worst first, then the most urgent: as the server orders the list, so that it holds offline, too. */

import type { Entry } from "./wire";

const WORST = ["extreme", "severe", "moderate", "minor"];

export interface Deadline {
  at: number;
  /** What has to be done by then. */
  what: "accept" | "due";
}

/** The deadline that counts next; null when none does. */
export function deadlineOf(entry: Pick<Entry, "state" | "accept_by" | "due_at">): Deadline | null {
  const due = entry.due_at === null ? null : Date.parse(entry.due_at);
  const accept = entry.accept_by === null ? null : Date.parse(entry.accept_by);
  if (entry.state === "new" || entry.state === "reopened") {
    if (accept !== null && (due === null || accept <= due)) return { at: accept, what: "accept" };
    return due === null ? null : { at: due, what: "due" };
  }
  const counts = ["accepted", "working", "waiting"].includes(entry.state);
  return counts && due !== null ? { at: due, what: "due" } : null;
}

export function inOrder(entries: readonly Entry[]): Entry[] {
  const rank = (entry: Entry) => {
    const at = WORST.indexOf(entry.severity);
    return at < 0 ? WORST.length : at;
  };
  const next = (entry: Entry) => deadlineOf(entry)?.at ?? Number.POSITIVE_INFINITY;
  return [...entries].sort((one, other) => {
    const worse = rank(one) - rank(other);
    if (worse !== 0) return worse;
    const [a, b] = [next(one), next(other)];
    return a === b ? one.number - other.number : a < b ? -1 : 1;
  });
}
