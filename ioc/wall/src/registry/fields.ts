import { coordinates, moment } from "../format";
import { type Key, t, word } from "../i18n/language";
import { isJson, type Json, position, text } from "../model";
import { type Family, LIFECYCLE, words } from "./thing";

export const GROUPS = ["what", "where", "technique", "law", "contract"] as const;
export type Group = (typeof GROUPS)[number];

/** How a member of the record is typed. */
export type Kind = "line" | "lines" | "day" | "figure" | "tick" | "tags" | "choice";

export interface Field {
  name: string;
  group: Group;
  kind: Kind;
  /** Only of these; without it of both. */
  of?: Family;
  most?: number;
  /** Least and greatest of a figure. */
  range?: readonly [number, number];
  options?: readonly string[];
  /** Asked for when a draft is made. */
  first?: boolean;
}

/** What people keep of a record, in the order in which it is asked; the code, the position and the photo come apart. */
export const FIELDS: readonly Field[] = [
  { name: "name", group: "what", kind: "line", most: 200, first: true },
  { name: "profile", group: "what", kind: "line", of: "devices", most: 64, first: true },
  {
    name: "scene",
    group: "what",
    kind: "choice",
    of: "cameras",
    options: ["street", "indoor", "overhead", "square"],
    first: true,
  },
  { name: "kind", group: "what", kind: "line", most: 64 },
  { name: "centre", group: "what", kind: "choice" },
  { name: "tags", group: "what", kind: "tags" },
  { name: "note", group: "what", kind: "lines", most: 2_000 },
  { name: "approximate", group: "where", kind: "tick", of: "devices" },
  { name: "bearing", group: "where", kind: "figure", of: "cameras", range: [0, 359.99] },
  { name: "fov", group: "where", kind: "figure", of: "cameras", range: [1, 360] },
  { name: "height_m", group: "where", kind: "figure", of: "cameras", range: [0.1, 500] },
  { name: "tilt_deg", group: "where", kind: "figure", of: "cameras", range: [-90, 90] },
  { name: "maker", group: "technique", kind: "line", most: 200, first: true },
  { name: "model", group: "technique", kind: "line", most: 200, first: true },
  { name: "serial", group: "technique", kind: "line", most: 200, first: true },
  { name: "firmware", group: "technique", kind: "line", most: 200 },
  { name: "gateway", group: "technique", kind: "line", most: 63 },
  { name: "known_as", group: "technique", kind: "tags", of: "cameras" },
  {
    name: "codec",
    group: "technique",
    kind: "choice",
    of: "cameras",
    options: ["", "onvif-ej", "frigate"],
  },
  { name: "installed_on", group: "technique", kind: "day", first: true },
  { name: "conformity", group: "law", kind: "line", most: 200 },
  { name: "password_changed_on", group: "law", kind: "day" },
  { name: "notice_posted_on", group: "law", kind: "day", of: "cameras" },
  { name: "purpose", group: "law", kind: "line", most: 200 },
  {
    name: "retention",
    group: "law",
    kind: "choice",
    of: "devices",
    options: ["", "short", "standard", "long"],
  },
  {
    name: "retention",
    group: "law",
    kind: "choice",
    of: "cameras",
    options: ["", "sighting", "clip", "tamper", "report", "comment"],
  },
  { name: "contract", group: "contract", kind: "line", most: 200 },
  { name: "warranty_until", group: "contract", kind: "day" },
];

export function fieldsOf(family: Family, group?: Group): Field[] {
  return FIELDS.filter((field) => (group ?? field.group) === field.group && (field.of ?? family) === family);
}

/** The name of a member for the reader; a member that this page does not know keeps its own. */
export function labelOf(name: string): string {
  return word("register.field", name);
}

/** A member of a record as its field shows it. */
export function typedOf(field: Field, raw: Json): string {
  const value = raw[field.name];
  if (field.kind === "tags") return words(value).join(", ");
  if (field.kind === "tick") return value === true ? "yes" : "";
  if (typeof value === "number") return String(value);
  return text(value);
}

/** A typed member as it is sent, or what is wrong with it. */
export function sentOf(field: Field, typed: string): { value: unknown } | { fault: Key } {
  const clean = typed.trim();
  switch (field.kind) {
    case "tags":
      return {
        value: [...new Set(clean.split(/[,;]/).map((tag) => tag.trim()))].filter((tag) => tag !== ""),
      };
    case "tick":
      return { value: clean !== "" };
    case "day":
      return { value: clean === "" ? null : clean };
    case "figure": {
      if (clean === "") return { value: null };
      const figure = Number(clean.replace(",", "."));
      const [least, most] = field.range ?? [-Infinity, Infinity];
      return figure >= least && figure <= most ? { value: figure } : { fault: "register.fault.figure" };
    }
    default:
      return { value: clean === "" && NULLED.has(field.name) ? null : clean };
  }
}

/** Members that are null where there is nothing; the others are an empty text. */
const NULLED = new Set(["gateway"]);

export interface Filled {
  /** What is not as it was. */
  set: Json;
  /** Members with what is wrong with them. */
  faults: Map<string, Key>;
}

/** What a form comes to, beside what the record says; all that is filled in for a draft, where there is none yet. */
export function filled(
  fields: readonly Field[],
  raw: Json | null,
  typed: ReadonlyMap<string, string>,
): Filled {
  const set: Json = {};
  const faults = new Map<string, Key>();
  for (const field of fields) {
    const now = typed.get(field.name);
    if (now === undefined || now.trim() === (raw ? typedOf(field, raw) : "")) continue;
    const found = sentOf(field, now);
    if ("fault" in found) faults.set(field.name, found.fault);
    else set[field.name] = found.value;
  }
  return { set, faults };
}

/** What changed meanwhile, and what the reader wanted there. */
export interface Meanwhile {
  field: string;
  before: unknown;
  now: unknown;
  /** undefined: the reader did not touch it. */
  mine: unknown;
}

const OWN = new Set([
  "version",
  "updated_at",
  "updated_by",
  "state",
  "state_since",
  "unlawful",
  "payload",
  "measures",
  "view",
  "area_name",
]);

/** Two people changed one record: what the other one changed, beside what this one would have. */
export function meanwhile(before: Json, now: Json, mine: Json): Meanwhile[] {
  const same = (one: unknown, other: unknown) =>
    JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
  return Object.keys({ ...before, ...now })
    .filter((field) => !OWN.has(field) && !same(before[field], now[field]))
    .map((field) => ({ field, before: before[field], now: now[field], mine: mine[field] }));
}

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
const INSTANT = /^\d{4}-\d\d-\d\dT/;

/** A member of a record in words for the reader. */
export function shownOf(name: string, value: unknown, now = 0): string {
  if (value === null || value === undefined || value === "") return t("register.nothing");
  if (typeof value === "boolean") return t(value ? "register.yes" : "register.no");
  const place = name === "position" ? position(value) : null;
  if (place) return coordinates(...place);
  if (Array.isArray(value))
    return value.length === 0
      ? t("register.nothing")
      : value.every((one) => typeof one === "string")
        ? value.join(", ")
        : t("register.entries", { count: value.length });
  if (isJson(value)) return JSON.stringify(value);
  const written = String(value);
  if (name === "lifecycle" && LIFECYCLE.some((one) => one === written)) return word("lifecycle", written);
  if (name === "scene" || name === "retention") return word(`register.${name}`, written);
  const [, year, month, day] = DAY.exec(written) ?? [];
  if (year) return `${day}/${month}/${year}`;
  return INSTANT.test(written) ? moment(Date.parse(written), now) : written;
}
