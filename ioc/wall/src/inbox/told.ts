/** What the centre told: the list, the tickets that were read, the ground around them; kept on the phone for as long as
 * the session holds. */

import type { Net } from "./net";
import { inOrder } from "./order";
import type { Shelf } from "./store";
import { inZone } from "./when";
import {
  type Detail,
  detailOf,
  type Entry,
  type Inbox,
  inboxOf,
  isJson,
  type Json,
  type Me,
  shortened,
  words,
} from "./wire";
import { language, speak } from "./words";

const TAG = "ioc.inbox.tag";
const UNITS = "/api/v1/units";
/** Tickets that the page asks for first (ioc/api/inbox.py), and later. */
const FIRST = 20;
const LISTED = 100;
/** Tickets whose details are fetched ahead, so that they can be read without a network. */
const AHEAD = 30;

function named(value: unknown, name: string): Json[] {
  const found = isJson(value) ? value[name] : null;
  return Array.isArray(found) ? found.filter(isJson) : [];
}

export function remember(tag: string): void {
  try {
    if (tag === "") localStorage.removeItem(TAG);
    else localStorage.setItem(TAG, tag);
  } catch {
    // Then everything is fetched anew next time.
  }
}

function remembered(): string {
  try {
    return localStorage.getItem(TAG) ?? "";
  } catch {
    return "";
  }
}

export abstract class Told {
  me: Me | null = null;
  inbox: Inbox | null = null;
  /** When the list was told (ms by the centre's clock). */
  toldAt = 0;
  locked = false;
  onchange: () => void = () => undefined;
  protected longTag = "";
  private readonly details = new Map<string, Detail>();
  private readonly outlines = new Map<string, unknown>();
  private known: Json[] = [];

  constructor(
    readonly store: Shelf,
    readonly net: Net,
  ) {}

  /** Somebody else than before is signed in. */
  protected abstract arrived(user: string): Promise<void>;
  /** Nobody is signed in any more. */
  protected abstract left(): void;

  // --- what is there

  /** What the phone kept of whoever was signed in last. */
  async start(): Promise<void> {
    const last = await this.store.get("kept", "inbox");
    const inbox = last && inboxOf(last.value);
    if (last === null || inbox === null) return;
    if (inbox.me.until !== null && Date.parse(inbox.me.until) < this.net.now()) {
      await this.lock();
      return;
    }
    await this.take(inbox, last.at);
  }

  private async take(inbox: Inbox, at: number): Promise<void> {
    const other = this.me?.user !== inbox.me.user;
    this.inbox = inbox;
    this.me = inbox.me;
    inZone(inbox.me.timezone);
    this.toldAt = at;
    this.locked = false;
    if (other) {
      speak(inbox.me.language);
      this.details.clear();
      await this.arrived(inbox.me.user);
      for (const row of await this.store.mine("kept", inbox.me.user)) {
        const detail = row.key.startsWith("ticket/") ? detailOf(row.value) : null;
        if (detail !== null) this.details.set(detail.id, detail);
        if (row.key.startsWith("ground/")) this.outlines.set(row.key.slice(7), row.value);
        if (row.key === UNITS) this.known = named(row.value, "units");
      }
    }
    this.onchange();
  }

  entries(): Entry[] {
    return inOrder(this.inbox?.tickets ?? []);
  }

  entry(id: string): Entry | null {
    const read = this.details.get(id) ?? null;
    const listed = this.inbox?.tickets.find((one) => one.id === id) ?? null;
    return read !== null && (listed === null || read.version >= listed.version) ? read : listed;
  }

  detail(id: string): Detail | null {
    return this.details.get(id) ?? null;
  }

  outline(at: readonly [number, number]): unknown {
    return this.outlines.get(at.join());
  }

  // --- what the centre tells

  /** The list anew. `early`: the request that the page made before its code was there. */
  async refresh(early?: Promise<Response>): Promise<void> {
    const long = early === undefined && (this.inbox?.total ?? 0) > FIRST;
    const response = await (early?.then((one) => this.net.note(one)) ?? this.list(long));
    if (response.status === 401) return this.lock();
    if (response.status === 304) {
      if (this.inbox === null) {
        remember("");
        return this.refresh();
      }
      this.toldAt = this.net.heard || this.net.now();
      this.onchange();
      return;
    }
    const told = response.ok ? inboxOf(await response.json()) : null;
    if (told === null) {
      this.net.turn(false);
      return;
    }
    const tag = response.headers.get("ETag") ?? "";
    if (long) this.longTag = tag;
    else remember(tag);
    await this.listed(told, long);
  }

  private list(long: boolean): Promise<Response> {
    const tag = long ? this.longTag : remembered();
    const headers: Record<string, string> = tag === "" || this.inbox === null ? {} : { "If-None-Match": tag };
    return this.net.ask(long ? `/api/v1/inbox?limit=${LISTED}` : "/api/v1/inbox", { headers });
  }

  private async listed(told: Inbox, long: boolean): Promise<void> {
    const same = this.me?.user === told.me.user;
    if (this.me !== null && !same) await this.store.forget();
    // The first tickets alone came: those behind them stay as they were until they are asked for, too.
    const first = new Set(told.tickets.map((one) => one.id));
    const rest = same && !long ? (this.inbox?.tickets ?? []).filter((one) => !first.has(one.id)) : [];
    const value = { ...told, tickets: [...told.tickets, ...rest].slice(0, told.total) };
    const at = this.net.heard || this.net.now();
    await this.take(value, at);
    await this.store.change((put) => put.put("kept", { key: "inbox", login: value.me.user, at, value }));
  }

  /** The rest of a long list, and everything that is needed to read the tickets without a network. */
  async fetchAhead(): Promise<void> {
    if (this.inbox !== null && this.inbox.total > FIRST && this.longTag === "") await this.refresh();
    for (const entry of this.entries().slice(0, AHEAD)) {
      if (this.locked) return;
      if ((this.details.get(entry.id)?.version ?? -1) < entry.version) await this.read(entry.id);
      if (entry.at !== null) await this.ground(entry.at);
    }
    if (this.known.length > 0) return;
    await this.units();
    this.onchange();
  }

  /** A ticket with its log. */
  async read(id: string): Promise<void> {
    const response = await this.net.ask(`/api/v1/tickets/${id}`);
    if (response.status === 401) return this.lock();
    if (response.ok) await this.keep(await response.json());
  }

  protected async keep(value: unknown): Promise<void> {
    const detail = detailOf(value);
    const login = this.me?.user;
    if (detail === null || login === undefined) return;
    const before = this.details.get(detail.id);
    const whole = detail.log.length > 0 || before === undefined ? detail : { ...detail, log: before.log };
    this.details.set(detail.id, whole);
    if (this.inbox !== null) {
      const tickets = this.inbox.tickets.map((one) => (one.id === detail.id ? shortened(whole) : one));
      this.inbox = { ...this.inbox, tickets };
    }
    const at = this.net.heard || this.net.now();
    await this.store.change((put) =>
      put.put("kept", { key: `ticket/${detail.id}`, login, at, value: whole }),
    );
    this.onchange();
  }

  /** The ground around a place, which does not change from one day to the next. */
  async ground(at: readonly [number, number]): Promise<void> {
    const login = this.me?.user;
    if (login === undefined || this.outlines.has(at.join())) return;
    const response = await this.net.ask(`/api/v1/inbox/outline?at=${at.join()}`, { cache: "default" });
    if (!response.ok) return;
    const value: unknown = await response.json();
    this.outlines.set(at.join(), value);
    await this.store.change((put) => put.put("kept", { key: `ground/${at.join()}`, login, at: 0, value }));
    this.onchange();
  }

  /** The units that work can be handed to. */
  async units(): Promise<Json[]> {
    this.known = named(await this.lasting(UNITS), "units");
    return this.known;
  }

  /** A unit's name; its code until the units were told. */
  unitName(code: string): string {
    const unit = this.known.find((one) => one.code === code);
    return unit === undefined ? code : words(language() === "en" ? unit.name_en : unit.name, code);
  }

  /** Who may work on a unit's tickets. */
  async people(unit: string): Promise<Json[]> {
    return named(await this.lasting(`/api/v1/units/${encodeURIComponent(unit)}/people`), "people");
  }

  /** What seldom changes: asked for once a session, then there without a network, too. */
  private async lasting(path: string): Promise<unknown> {
    const kept = await this.store.get("kept", path);
    if (kept !== null) return kept.value;
    const response = await this.net.ask(path);
    if (!response.ok) return null;
    const value: unknown = await response.json();
    const login = this.me?.user ?? "";
    await this.store.change((put) => put.put("kept", { key: path, login, at: 0, value }));
    return value;
  }

  /** Locks when the session has ended by the clock, which is known without a network, too. */
  async expire(): Promise<void> {
    const until = this.me?.until;
    if (until && Date.parse(until) < this.net.now()) await this.lock();
  }

  /** Nobody is signed in: what the centre told goes, what the person made stays. */
  async lock(): Promise<void> {
    this.locked = true;
    this.inbox = null;
    this.me = null;
    this.left();
    this.details.clear();
    this.outlines.clear();
    this.known = [];
    this.longTag = "";
    remember("");
    await this.store.forget();
    this.onchange();
  }
}
