import { FAMILIES, type Family } from "./thing";

export const FAULTS = ["silent", "unhealthy", "unlawful", "warranty_over"] as const;

/** What the list is asked for; empty: anything. */
export interface Wish {
  q: string;
  lifecycle: string;
  centre: string;
  kind: string;
  tag: string;
  fault: string;
}

export const ANY: Wish = { q: "", lifecycle: "", centre: "", kind: "", tag: "", fault: "" };
const NAMES = Object.keys(ANY) as Array<keyof Wish>;

/** Where the page is: its list, a record in one of its tabs, a new draft, or a room beside the list. */
export type Route =
  | { at: "list"; family: Family; wish: Wish }
  | { at: "record"; family: Family; code: string; tab: string }
  | { at: "new"; family: Family }
  | { at: "room"; room: string };

/** As the query of an address, without the question mark. */
export function queryOf(wish: Wish): string {
  const query = new URLSearchParams();
  for (const name of NAMES) if (wish[name].trim() !== "") query.set(name, wish[name].trim());
  return query.toString();
}

/** The address of what fits as a file; there `kind` says of which family, and `type` is the kind of thing. */
export function exportOf(family: Family, f: "csv" | "xlsx", wish: Wish): string {
  const query = new URLSearchParams(queryOf({ ...wish, kind: "" }));
  if (wish.kind.trim() !== "") query.set("type", wish.kind.trim());
  query.set("kind", family);
  query.set("f", f);
  return `/api/v1/register/export?${query}`;
}

function wishOf(query: string): Wish {
  const asked = new URLSearchParams(query);
  return Object.fromEntries(NAMES.map((name) => [name, asked.get(name) ?? ""])) as unknown as Wish;
}

function family(word: string | undefined): Family | undefined {
  return FAMILIES.find((one) => one === word);
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

/** What the QR codes of labels say: the record of a thing, or where a one-time code is entered. */
const LABELLED = /^#(device|camera|enrol)=([^&?]+)/;

/** What an address asks for behind its #; the list of devices for what it cannot mean. */
export function routeOf(hash: string): Route {
  const [, label, named = ""] = LABELLED.exec(hash) ?? [];
  if (label === "enrol") return { at: "room", room: "enrol" };
  if (label) return { at: "record", family: family(`${label}s`) ?? "devices", code: decoded(named), tab: "" };
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const [first, second = "", tab = ""] = path.split("/").map(decoded);
  if (first === "do" && second !== "") return { at: "room", room: second };
  if (first === "new") return { at: "new", family: family(second) ?? "devices" };
  const of = family(first);
  if (of && second !== "") return { at: "record", family: of, code: second, tab };
  return { at: "list", family: of ?? "devices", wish: wishOf(query) };
}

/** The address of a place of the page, with its #. */
export function hashOf(route: Route): string {
  if (route.at === "room") return `#do/${encodeURIComponent(route.room)}`;
  if (route.at === "new") return `#new/${route.family}`;
  if (route.at === "record") {
    const tab = route.tab === "" ? "" : `/${encodeURIComponent(route.tab)}`;
    return `#${route.family}/${encodeURIComponent(route.code)}${tab}`;
  }
  const query = queryOf(route.wish);
  return `#${route.family}${query === "" ? "" : `?${query}`}`;
}
