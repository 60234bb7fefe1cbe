/** What the page shows and keeps: the list, the tickets that were read, what waits to be sent. */

import type { Net } from "./net";
import { inOrder } from "./order";
import { again, asComment, inTurn, ofTicket, type Waiting } from "./queue";
import { type Desk as Sending, sendAll } from "./sender";
import { stateAfter } from "./steps";
import type { Draft, Shelf } from "./store";
import type { Photo } from "./upload";
import { type Detail, detailOf, type Entry, type Inbox, inboxOf, type Me, shortened } from "./wire";

const TAG = "ioc.inbox.tag";
/** Tickets that the page asks for first (ioc/api/inbox.py), and later. */
const FIRST = 20;
const LISTED = 100;
/** Tickets whose details are fetched ahead, so that they can be read without a network. */
const AHEAD = 30;

function remember(tag: string): void {
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

export class Desk implements Sending {
  me: Me | null = null;
  inbox: Inbox | null = null;
  /** When the list was told (ms by the centre's clock). */
  toldAt = 0;
  locked = false;
  sending = false;
  fault = "";
  onchange: () => void = () => undefined;
  onsent: (one: Waiting) => void = () => undefined;
  /** Something that was held may be sent now. */
  onfreed: () => void = () => undefined;
  private waiting: Waiting[] = [];
  private longTag = "";
  private readonly details = new Map<string, Detail>();
  private readonly outlines = new Map<string, unknown>();
  private readonly progress = new Map<string, number>();
  /** What our own steps made of versions: a sheet that is open meanwhile was not overtaken by anybody. */
  private readonly ours = new Map<string, number>();

  constructor(
    readonly store: Shelf,
    readonly net: Net,
  ) {}

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
    this.toldAt = at;
    this.locked = false;
    if (other) {
      this.details.clear();
      this.waiting = await this.store.mine("queue", inbox.me.user);
      for (const photo of await this.store.mine("photos", inbox.me.user)) this.note(photo);
      for (const row of await this.store.mine("kept", inbox.me.user)) {
        const detail = row.key.startsWith("ticket/") ? detailOf(row.value) : null;
        if (detail !== null) this.details.set(detail.id, detail);
        if (row.key.startsWith("ground/")) this.outlines.set(row.key.slice(7), row.value);
      }
    }
    this.onchange();
  }

  entries(): Entry[] {
    return inOrder(this.inbox?.tickets ?? []);
  }

  entry(id: string): Entry | null {
    return this.details.get(id) ?? this.inbox?.tickets.find((one) => one.id === id) ?? null;
  }

  detail(id: string): Detail | null {
    return this.details.get(id) ?? null;
  }

  outline(at: readonly [number, number]): unknown {
    return this.outlines.get(at.join());
  }

  queue(): readonly Waiting[] {
    return this.waiting;
  }

  of(ticket: string): Waiting[] {
    return ofTicket(this.waiting, ticket);
  }

  /** The state that a ticket has once everything is sent. */
  state(entry: Entry): string {
    const waiting = this.of(entry.id);
    const held = waiting.findIndex((one) => one.state !== "waiting");
    const steps = held < 0 ? waiting : waiting.slice(0, held);
    return stateAfter(
      entry.state,
      steps.map((one) => one.step),
    );
  }

  percent(photo: string): number {
    return this.progress.get(photo) ?? 0;
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
  }

  /** A ticket with its log. */
  async read(id: string): Promise<void> {
    const response = await this.net.ask(`/api/v1/tickets/${id}`);
    if (response.status === 401) return this.lock();
    if (response.ok) await this.keep(await response.json());
  }

  private async keep(value: unknown): Promise<void> {
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
  async units(): Promise<{ code: string; name: string; name_en: string }[]> {
    const login = this.me?.user ?? "";
    let value: unknown = (await this.store.get("kept", "units"))?.value;
    if (value === undefined) {
      const response = await this.net.ask("/api/v1/units");
      if (!response.ok) return [];
      value = await response.json();
      const kept = value;
      await this.store.change((put) => put.put("kept", { key: "units", login, at: 0, value: kept }));
    }
    const found = (value as { units?: unknown }).units ?? value;
    return Array.isArray(found) ? (found as { code: string; name: string; name_en: string }[]) : [];
  }

  // --- what people do

  /** Keeps a step with its photographs, to be sent now or later. It is on disk when this returns. */
  async enqueue(entry: Entry, step: string, fields: Record<string, string>, draft: Draft): Promise<void> {
    const login = this.me?.user;
    if (login === undefined) return;
    const one: Waiting = {
      id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`,
      order: Math.max(Date.now(), ...this.waiting.map((other) => other.order + 1)),
      login,
      ticket: entry.id,
      number: entry.number,
      title: entry.title,
      step,
      fields,
      version: this.ours.get(`${entry.id}@${draft.version}`) ?? draft.version,
      made_at: new Date(this.net.now()).toISOString(),
      photos: draft.photos,
      state: "waiting",
      why: "",
      current: null,
      since: [],
    };
    await this.store.change((put) => {
      put.put("queue", one);
      put.delete("drafts", draft.key);
    });
    this.waiting = [...this.waiting, one];
    this.onchange();
    void navigator.storage?.persist?.();
  }

  draftKey(ticket: string, step: string): string {
    return `${this.me?.user ?? ""}/${ticket}/${step}`;
  }

  /** What was written of a step and not sent, or an empty sheet on the ticket as it is shown. */
  async draft(entry: Entry, step: string): Promise<Draft> {
    const key = this.draftKey(entry.id, step);
    const kept = await this.store.get("drafts", key);
    const login = this.me?.user ?? "";
    return kept ?? { key, login, ticket: entry.id, step, version: entry.version, fields: {}, photos: [] };
  }

  keepDraft(draft: Draft): Promise<void> {
    return this.store.change((put) => put.put("drafts", draft));
  }

  async addPhoto(ticket: string, bytes: Blob): Promise<Photo> {
    const login = this.me?.user ?? "";
    const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    const photo: Photo = { id, login, ticket, bytes, upload: "", tries: 0, offset: 0, done: false };
    await this.store.change((put) => put.put("photos", photo));
    return photo;
  }

  async dropPhoto(id: string): Promise<void> {
    await this.store.change((put) => put.delete("photos", id));
  }

  /** The person's answer to a conflict: the step again on what is there now. */
  async resend(one: Waiting, key: string): Promise<void> {
    await this.swap(one, again(one, key));
  }

  async comment(one: Waiting, key: string, label: string): Promise<void> {
    await this.swap(one, asComment(one, key, label));
  }

  /** Throws a step away for good, and what of it waits behind it goes on from the ticket as it is. */
  async discard(one: Waiting): Promise<void> {
    await this.store.change((put) => {
      put.delete("queue", one.id);
      for (const photo of one.photos) put.delete("photos", photo);
    });
    this.waiting = this.waiting.filter((other) => other.id !== one.id);
    this.onchange();
    this.onfreed();
  }

  private async swap(before: Waiting, after: Waiting): Promise<void> {
    await this.store.change((put) => {
      put.delete("queue", before.id);
      put.put("queue", after);
    });
    this.waiting = inTurn([...this.waiting.filter((other) => other.id !== before.id), after]);
    this.onchange();
    this.onfreed();
  }

  // --- sending

  /** Sends what waits; gives whether to try again soon. Two pages of one phone never send at once. */
  async send(): Promise<boolean> {
    if (this.sending || this.locked || !this.waiting.some((one) => one.state === "waiting")) return false;
    this.sending = true;
    this.onchange();
    const work = async () => (await sendAll(this, this.net.ask)) === "later";
    try {
      if (!("locks" in navigator)) return await work();
      return await navigator.locks.request("ioc-inbox-send", { ifAvailable: true }, async (lock) =>
        lock === null ? true : await this.reload().then(work),
      );
    } finally {
      this.sending = false;
      this.onchange();
    }
  }

  /** Another page may have sent some of it. */
  private async reload(): Promise<void> {
    this.waiting = inTurn(await this.store.mine("queue", this.me?.user ?? ""));
  }

  photo(id: string): Promise<Photo | null> {
    return this.store.get("photos", id);
  }

  private note(photo: Photo): void {
    this.progress.set(photo.id, photo.done ? 100 : Math.floor((photo.offset / photo.bytes.size) * 100));
  }

  async keepPhoto(photo: Photo): Promise<void> {
    await this.store.change((put) => put.put("photos", photo));
    this.note(photo);
    this.onchange();
  }

  async settle(done: Waiting, ticket: unknown, behind: Waiting[]): Promise<void> {
    await this.store.change((put) => {
      put.delete("queue", done.id);
      for (const photo of done.photos) put.delete("photos", photo);
      for (const one of behind) put.put("queue", one);
    });
    this.follow(done, ticket);
    const renewed = new Map(behind.map((one) => [one.id, one]));
    this.waiting = this.waiting.filter((one) => one.id !== done.id).map((one) => renewed.get(one.id) ?? one);
    remember("");
    this.longTag = "";
    if (ticket !== null) await this.keep(ticket);
    this.onsent(done);
    this.onchange();
  }

  private follow(done: Waiting, ticket: unknown): void {
    const version = detailOf(ticket)?.version;
    if (version === undefined) return;
    for (const [key, at] of this.ours) {
      if (key.startsWith(`${done.ticket}@`) && at === done.version) this.ours.set(key, version);
    }
    this.ours.set(`${done.ticket}@${done.version}`, version);
  }

  async hold(one: Waiting): Promise<void> {
    await this.store.change((put) => put.put("queue", one));
    this.waiting = this.waiting.map((other) => (other.id === one.id ? one : other));
    if (one.current !== null) await this.keep(one.current);
    this.onchange();
  }

  /** Locks when the session has ended by the clock, which is known without a network, too. */
  async expire(): Promise<void> {
    const until = this.me?.until;
    if (until && Date.parse(until) < this.net.now()) await this.lock();
  }

  signedOut(): void {
    void this.lock();
  }

  /** Nobody is signed in: what the centre told goes, what the person made stays. */
  async lock(): Promise<void> {
    this.locked = true;
    this.inbox = null;
    this.me = null;
    this.waiting = [];
    this.details.clear();
    this.outlines.clear();
    this.longTag = "";
    remember("");
    await this.store.forget();
    this.onchange();
  }
}
