/** What a person does: steps that wait to be sent, drafts, photographs; beside what the centre told. */

import { again, asComment, inTurn, ofTicket, type Waiting } from "./queue";
import { type Desk as Sending, sendAll } from "./sender";
import { stateAfter } from "./steps";
import type { Draft } from "./store";
import { remember, Told } from "./told";
import type { Photo } from "./upload";
import { detailOf, type Entry } from "./wire";

export class Desk extends Told implements Sending {
  sending = false;
  onsent: (one: Waiting) => void = () => undefined;
  /** Something that was held may be sent now. */
  onfreed: () => void = () => undefined;
  private waiting: Waiting[] = [];
  private readonly progress = new Map<string, number>();
  /** What our own steps made of versions: a sheet that is open meanwhile was not overtaken by anybody. */
  private readonly ours = new Map<string, number>();

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

  signedOut(): void {
    void this.lock();
  }

  protected override async arrived(user: string): Promise<void> {
    this.waiting = await this.store.mine("queue", user);
    for (const photo of await this.store.mine("photos", user)) this.note(photo);
  }

  protected override left(): void {
    this.waiting = [];
  }
}
