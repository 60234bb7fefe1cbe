/** Steps that wait to be sent: in which order they go, and what an answer makes of those behind. Pure. */

import { type Detail, detailOf, isJson, type Json, type Line, linesOf, words } from "./wire";

export interface Waiting {
  /** The Idempotency-Key: sent twice, it is done once. */
  id: string;
  order: number;
  login: string;
  ticket: string;
  number: number;
  title: string;
  step: string;
  fields: Record<string, string>;
  /** The version that the person saw, or that the step before left. */
  version: number;
  made_at: string;
  /** Ids of photographs in this phone. */
  photos: string[];
  /** `conflict`: the ticket changed meanwhile; `refused`: the centre does not take it. The person decides then. */
  state: "waiting" | "conflict" | "refused";
  why: string;
  current: Detail | null;
  since: Line[];
}

/** What an answer means for the step that was sent. */
export type Verdict =
  | { kind: "done"; ticket: Detail | null }
  | { kind: "later"; seconds: number }
  | { kind: "signin" }
  | { kind: "photos"; why: string }
  | { kind: "conflict"; why: string; current: Detail | null; since: Line[] }
  | { kind: "refused"; why: string };

/** Problems that pass by themselves, although their status says that something is wrong with the request. */
const PASSING = new Set(["in-progress"]);
const RETRY_S = 5;

export function verdictOf(status: number, body: unknown, retryAfter: number | null): Verdict {
  const problem: Json = isJson(body) ? body : {};
  const code = words(problem.code);
  const why = words(problem.detail, words(problem.title, `HTTP ${status}`));
  if (status >= 200 && status < 300) return { kind: "done", ticket: detailOf(body) };
  if (code === "answer-not-kept") return { kind: "done", ticket: null };
  if (status === 401) return { kind: "signin" };
  if (status >= 500 || status === 429 || status === 408 || PASSING.has(code)) {
    return { kind: "later", seconds: retryAfter ?? RETRY_S };
  }
  if (code === "no-upload") return { kind: "photos", why };
  if (status === 409) {
    const since = linesOf(problem.log);
    return { kind: "conflict", why, current: detailOf(problem.current), since };
  }
  // A ticket that went to another unit is not to be seen any more: the page says so in its own words.
  return { kind: "refused", why: status === 404 ? "" : why };
}

/** The steps that may be sent now, the oldest first: of each ticket the first, unless it needs the person. */
export function ready(queue: readonly Waiting[]): Waiting[] {
  const seen = new Set<string>();
  return inTurn(queue).filter((one) => {
    if (seen.has(one.ticket)) return false;
    seen.add(one.ticket);
    return one.state === "waiting";
  });
}

export function inTurn(queue: readonly Waiting[]): Waiting[] {
  return [...queue].sort((one, other) => one.order - other.order);
}

export function ofTicket(queue: readonly Waiting[], ticket: string): Waiting[] {
  return inTurn(queue.filter((one) => one.ticket === ticket));
}

/** The steps behind one that was done, as they stand on what it left. */
export function rebased(queue: readonly Waiting[], done: Waiting, version: number): Waiting[] {
  return ofTicket(queue, done.ticket)
    .filter((one) => one.order > done.order && one.state === "waiting")
    .map((one) => ({ ...one, version }));
}

/** The body of a step's request. */
export function bodyOf(one: Waiting, photos: readonly string[]): Json {
  return {
    expected_version: one.version,
    ...one.fields,
    ...(photos.length > 0 ? { photos } : {}),
    made_at: one.made_at,
  };
}

/** The step again, on the ticket as it is now: another request, so another key. */
export function again(one: Waiting, key: string): Waiting {
  const version = one.current?.version ?? one.version;
  return { ...one, id: key, version, state: "waiting", why: "", current: null, since: [] };
}

/** What was written as a comment, which every state takes, so that it is not lost. */
export function asComment(one: Waiting, key: string, label: string): Waiting {
  const said = Object.values(one.fields).filter((text) => text !== "");
  return { ...again(one, key), step: "comment", fields: { text: [`[${label}]`, ...said].join(" ") } };
}
