import type { LiveEvent } from "../live";
import { isJson, type Json, number, text, time } from "../model";
import type { Opened, Span } from "./steps";

const BASE = "/api/v1/past";
const KINDS = [
  ["incidents", "incident"],
  ["alarms", "alarm"],
  ["tickets", "ticket"],
  ["devices", "device"],
  ["cameras", "camera"],
] as const;
const PAGE = 1_000;
/** So many changes are read ahead at most; play then waits until some of them have been shown. */
const AHEAD = 5_000;

export type Ask = (path: string, signal?: AbortSignal) => Promise<unknown>;

/** The picture at a moment, as the events that a wall would be told. */
export interface Picture {
  at: number;
  cursor: number;
  events: LiveEvent[];
}

/** How far back the reader can go, and when something happened. */
export interface Reach extends Span {
  opened: Opened[];
  /** Days on which there were other areas than the day before. */
  changed: string[];
}

/**
 * A station without its values: the log tells of it when its state changes, not at each of its readings, so that they
 * would be of another moment than the one that is shown.
 */
function withoutValues(layer: string, feature: Json): Json {
  if (layer !== "device" || !isJson(feature.properties)) return feature;
  const { latest: _, ...properties } = feature.properties;
  return { ...feature, properties };
}

const written = (at: number) => encodeURIComponent(new Date(at).toISOString());

export function readPicture(body: unknown): Picture | null {
  const at = isJson(body) ? time(body.at) : null;
  if (!isJson(body) || at === null) return null;
  const events: LiveEvent[] = [{ kind: "begin" }];
  for (const [list, layer] of KINDS) {
    const features = Array.isArray(body[list]) ? body[list].filter(isJson) : [];
    for (const feature of features)
      events.push({ kind: "put", layer, id: text(feature.id), feature: withoutValues(layer, feature) });
  }
  events.push({ kind: "ready" });
  return { at, cursor: number(body.cursor) ?? 0, events };
}

export function readReach(body: unknown): Reach | null {
  if (!isJson(body)) return null;
  const [oldest, newest] = [time(body.oldest), time(body.newest)];
  if (oldest === null || newest === null) return null;
  const opened = (Array.isArray(body.opened) ? body.opened.filter(isJson) : []).map((hour) => {
    const of = (name: string) => number(hour[name]) ?? 0;
    const extreme = of("extreme");
    const count = extreme + of("severe") + of("moderate") + of("minor");
    return { at: time(hour.at) ?? 0, count, extreme: extreme > 0 };
  });
  const days = Array.isArray(body.areas_changed) ? body.areas_changed : [];
  return { oldest, newest, opened, changed: days.filter((day) => typeof day === "string") };
}

/** A change, and when walls heard of it. */
interface Told {
  at: number;
  version: number;
  event: LiveEvent;
}

function readTold(change: Json): Told | null {
  const at = time(change.at);
  const [layer, id] = [text(change.subject), text(change.id)];
  if (at === null || id === "") return null;
  const feature = isJson(change.feature) ? withoutValues(layer, change.feature) : null;
  const kind = change.op === "removed" ? "removed" : "put";
  return { at, version: number(change.version) ?? 0, event: { kind, layer, id, feature } };
}

export function reachOfPast(ask: Ask): Promise<Reach | null> {
  return ask(`${BASE}/span`).then(readReach);
}

export async function pictureAt(ask: Ask, at: number, signal: AbortSignal): Promise<Picture> {
  const picture = readPicture(await ask(`${BASE}?at=${written(at)}`, signal));
  if (picture === null) throw new Error("The server's picture of the past cannot be read.");
  return picture;
}

/** The changes after a picture, read ahead of what is shown. */
export class Changes {
  private told: Told[] = [];
  private after: number;
  /** Up to when all changes are here. */
  known: number;
  private busy = false;

  constructor(
    picture: Picture,
    private readonly ask: Ask,
    private readonly signal: AbortSignal,
  ) {
    this.after = picture.cursor;
    this.known = picture.at;
  }

  /** Reads on until all up to a moment is here; again while it does so is harmless. */
  async read(until: number): Promise<void> {
    if (this.busy || until <= this.known || this.told.length >= AHEAD) return;
    this.busy = true;
    try {
      for (let more = true; more && this.told.length < AHEAD; ) more = await this.page(until);
    } finally {
      this.busy = false;
    }
  }

  /** What is told up to a moment that is known; each change once. */
  take(at: number): LiveEvent[] {
    const count = this.told.findIndex((one) => one.at > at);
    const due = count < 0 ? this.told.splice(0) : this.told.splice(0, count);
    return due.map((one) => one.event);
  }

  private async page(until: number): Promise<boolean> {
    const from = Math.min(this.known, until);
    const query = `from=${written(from)}&to=${written(until)}&limit=${PAGE}&after=${this.after}`;
    const body = await this.ask(`${BASE}/changes?${query}`, this.signal);
    if (!isJson(body)) throw new Error("The server's changes of the past cannot be read.");
    const found = (Array.isArray(body.changes) ? body.changes.filter(isJson) : [])
      .map(readTold)
      .filter((one) => one !== null);
    this.told.push(...found);
    const next = number(body.next);
    this.after = Math.max(this.after, next ?? 0, ...found.map((one) => one.version));
    if (next === null) {
      this.known = until;
      return false;
    }
    // What follows was told no earlier than the last of this page.
    this.known = Math.max(this.known, (found.at(-1)?.at ?? this.known) - 1);
    return true;
  }
}
