/** What the server tells the inbox, checked at the door. */

export type Json = Record<string, unknown>;

export interface Entry {
  id: string;
  number: number;
  version: number;
  title: string;
  title_en: string;
  task: string;
  category: string;
  severity: string;
  state: string;
  unit: string;
  owner: string;
  area_name: string;
  accept_by: string | null;
  due_at: string | null;
  at: [number, number] | null;
}

export interface Line {
  at: string;
  who: string;
  what: string;
  text: string;
  to: string;
  unit: string;
  version: number;
  made_at: string | null;
  photos: string[];
}

export interface Detail extends Entry {
  unit_name: string;
  unit_name_en: string;
  waiting_why: string;
  result: string;
  log: Line[];
  steps: string[];
  incident: { id: string; title: string; title_en: string; status: string } | null;
}

export interface Me {
  user: string;
  name: string;
  role: string;
  centre: string | null;
  language: string;
  /** When the session ends at the latest. */
  timezone: string;
  until: string | null;
}

export interface Inbox {
  me: Me;
  total: number;
  tickets: Entry[];
}

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function words(value: unknown, otherwise = ""): string {
  return typeof value === "string" ? value : otherwise;
}

function whole(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

function moment(value: unknown): string | null {
  return typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value : null;
}

function place(value: unknown): [number, number] | null {
  if (!Array.isArray(value)) return null;
  const [lon, lat] = value as unknown[];
  return typeof lon === "number" && typeof lat === "number" ? [lon, lat] : null;
}

export function entryOf(value: unknown): Entry | null {
  if (!isJson(value) || words(value.id) === "") return null;
  return {
    id: words(value.id),
    number: whole(value.number),
    version: whole(value.version),
    title: words(value.title),
    title_en: words(value.title_en),
    task: words(value.task),
    category: words(value.category),
    severity: words(value.severity, "minor"),
    state: words(value.state, "new"),
    unit: words(value.unit),
    owner: words(value.owner),
    area_name: words(value.area_name),
    accept_by: moment(value.accept_by),
    due_at: moment(value.due_at),
    at: place(value.at ?? value.position),
  };
}

function address(value: unknown): string {
  const text = isJson(value) ? words(value.url, words(value.id)) : words(value);
  return text === "" || text.startsWith("/") ? text : `/api/v1/media/${text}`;
}

export function lineOf(value: unknown): Line | null {
  if (!isJson(value)) return null;
  return {
    at: moment(value.at) ?? "",
    who: words(value.who),
    what: words(value.what),
    text: words(value.text),
    to: words(value.to, words(value.to_unit)),
    unit: words(value.unit),
    version: whole(value.version),
    made_at: moment(value.made_at),
    photos: Array.isArray(value.photos) ? value.photos.map(address).filter((one) => one !== "") : [],
  };
}

export function linesOf(value: unknown): Line[] {
  if (!Array.isArray(value)) return [];
  return value.map(lineOf).filter((line) => line !== null);
}

export function detailOf(value: unknown): Detail | null {
  const entry = entryOf(value);
  if (entry === null || !isJson(value)) return null;
  const about = isJson(value.incident) ? value.incident : null;
  return {
    ...entry,
    unit_name: words(value.unit_name, entry.unit),
    unit_name_en: words(value.unit_name_en, words(value.unit_name, entry.unit)),
    waiting_why: words(value.waiting_why),
    result: words(value.result),
    log: linesOf(value.log),
    steps: Array.isArray(value.steps) ? value.steps.map((one) => words(one)).filter((one) => one !== "") : [],
    incident: about && {
      id: words(about.id),
      title: words(about.title),
      title_en: words(about.title_en, words(about.title)),
      status: words(about.status),
    },
  };
}

export function inboxOf(value: unknown): Inbox | null {
  if (!isJson(value) || !isJson(value.me) || !Array.isArray(value.tickets)) return null;
  const me = value.me;
  return {
    me: {
      user: words(me.user),
      name: words(me.name, words(me.user)),
      role: words(me.role),
      centre: words(me.centre) || null,
      language: words(me.language, "vi"),
      timezone: words(me.timezone, "Asia/Ho_Chi_Minh"),
      until: moment(me.until),
    },
    total: whole(value.total),
    tickets: value.tickets.map(entryOf).filter((entry) => entry !== null),
  };
}

/** A ticket in the list as a later answer about it tells it. */
export function shortened(detail: Detail): Entry {
  return entryOf(detail) ?? detail;
}
