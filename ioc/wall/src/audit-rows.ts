import { isJson, type Json, number, text } from "./model";

/** One deed of the audit trail, as the table shows it. */
export interface Row {
  id: number;
  at: number | null;
  who: string;
  act: string;
  thing: string;
  centre: string;
  address: string;
  outcome: string;
  change: string;
  seq: number | null;
  hash: string;
}

export interface Page {
  rows: Row[];
  next: number | null;
  sealed: number;
  waiting: number;
}

/** What the form asks for; empty fields ask for nothing. */
export type Wanted = Partial<Record<"who" | "act" | "thing" | "outcome" | "from" | "to", string>>;

function compact(value: unknown): string {
  if (!isJson(value)) return "";
  return Object.entries(value)
    .map(([name, member]) => `${name}: ${typeof member === "string" ? member : JSON.stringify(member)}`)
    .join(", ");
}

export function changeOf(before: unknown, after: unknown): string {
  const [first, second] = [compact(before), compact(after)];
  return first && second ? `${first} → ${second}` : first || second;
}

function rowOf(value: Json): Row {
  const at = Date.parse(text(value.at));
  const thing = [text(value.kind), text(value.thing)].filter((part) => part !== "").join(" ");
  return {
    id: number(value.id) ?? 0,
    at: Number.isNaN(at) ? null : at,
    who: text(value.who),
    act: text(value.act),
    thing,
    centre: text(value.centre),
    address: text(value.address),
    outcome: text(value.outcome),
    change: [changeOf(value.before, value.after), text(value.text)].filter((part) => part !== "").join(" · "),
    seq: number(value.seq),
    hash: text(value.hash),
  };
}

export function pageOf(body: unknown): Page {
  const page = isJson(body) ? body : {};
  const chain = isJson(page.chain) ? page.chain : {};
  return {
    rows: Array.isArray(page.entries) ? page.entries.filter(isJson).map(rowOf) : [],
    next: number(page.next),
    sealed: number(chain.seq) ?? 0,
    waiting: number(chain.waiting) ?? 0,
  };
}

export function pathOf(wanted: Wanted, after: number | null): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wanted)) if (value.trim() !== "") query.set(name, value.trim());
  if (after !== null) query.set("after", String(after));
  const asked = query.toString();
  return asked === "" ? "/api/v1/audit" : `/api/v1/audit?${asked}`;
}

export function exportPath(wanted: Wanted): string {
  const { from = "", to = "" } = wanted;
  return pathOf({ from, to }, null).replace("/audit", "/audit/export");
}
