/** The inbox of people in the field: puts its parts together. */

import { byId, el, replace } from "../dom";
import { BrowserPush, pushKnown, thisDevice } from "../push";
import { Desk } from "./desk";
import { listView } from "./listview";
import { Net } from "./net";
import { ticketAt } from "./place";
import { Sheet } from "./sheet";
import { isStep, PLAIN, type Step } from "./steps";
import { Store } from "./store";
import { thumbBar, ticketView } from "./ticketview";
import { clock } from "./when";
import type { Entry } from "./wire";
import { language, otherLanguage, speak, t, word } from "./words";

declare global {
  interface Window {
    /** The list, asked for by the page's first line. */
    early?: Promise<Response>;
  }
}

const EVERY_MS = 60_000;
const FIRST_RETRY_MS = 3_000;
const LAST_RETRY_MS = 60_000;
const OUT = "ioc.inbox.out";
const SIGN_IN = "/signin#inbox";

class Page {
  private readonly head = byId("head");
  private readonly body = byId("body");
  private readonly foot = byId("foot");
  private readonly said = byId("said");
  private retry = FIRST_RETRY_MS;
  private timer = 0;
  private shown = "";
  private drawing = false;
  private turning = false;
  private wanted = false;
  private taking = false;

  constructor(
    private readonly desk: Desk,
    private readonly net: Net,
  ) {
    desk.onchange = () => this.soon();
    desk.onsent = (one) => this.say(t("sent", { step: word("step", one.step) }));
    desk.onfreed = () => void this.turn();
    net.onchange = () => this.soon();
    addEventListener("hashchange", () => this.draw());
    addEventListener("online", () => void this.turn());
    addEventListener("offline", () => net.turn(false));
    addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") void this.turn();
    });
    setInterval(() => void desk.expire().then(() => this.soon()), 30_000);
  }

  // --- what is shown

  /** Draws at the next moment, however many changes there are until then. */
  private soon(): void {
    if (this.drawing) return;
    this.drawing = true;
    queueMicrotask(() => {
      this.drawing = false;
      this.draw();
    });
  }

  draw(): void {
    document.documentElement.lang = language();
    document.title = t("title");
    const ticket = ticketAt(location.hash);
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    const mark = focused?.closest<HTMLElement>("[data-ticket],[data-step],[data-act]");
    const open = this.foot.querySelector("details")?.open ?? false;
    this.drawHead(ticket !== "");
    replace(this.foot);
    if (this.desk.locked) replace(this.body, this.lockedView());
    else if (ticket !== "") this.drawTicket(ticket, open && this.shown === ticket);
    else replace(this.body, listView(this.desk));
    document.body.dataset.state = this.state();
    if (this.shown !== ticket) {
      this.shown = ticket;
      scrollTo(0, 0);
      document.getElementById("ticket-title")?.focus({ preventScroll: true });
    } else if (mark) {
      const { ticket: id, step, act } = mark.dataset;
      const again = step ? `[data-step="${step}"]` : act ? `[data-act="${act}"]` : `a[data-ticket="${id}"]`;
      document.querySelector<HTMLElement>(again)?.focus({ preventScroll: true });
    }
  }

  private drawTicket(ticket: string, open: boolean): void {
    replace(this.body, ticketView(ticket, this.desk) ?? el("p", { class: "pad" }, t("gone")));
    const bar = thumbBar(ticket, this.desk, (step, entry) => void this.take(step, entry));
    if (bar === null) return;
    const details = bar.querySelector("details");
    if (details) details.open = open;
    replace(this.foot, bar);
  }

  private state(): string {
    if (this.desk.locked) return "locked";
    if (this.net.reached === false) return "lost";
    return this.net.reached === null ? "trying" : "fresh";
  }

  private age(): string {
    const state = this.state();
    if (state === "locked") return "";
    if (state === "trying" && this.desk.toldAt === 0) return t("trying");
    if (this.desk.toldAt === 0) return state === "lost" ? t("never") : "";
    const time = clock(this.desk.toldAt, this.net.now());
    return t(state === "lost" ? "lost" : "fresh", { time });
  }

  private drawHead(inTicket: boolean): void {
    const waiting = this.desk.queue();
    const stuck = waiting.filter((one) => one.state !== "waiting").length;
    const unsent = waiting.length - stuck;
    const lost = this.state() === "lost";
    replace(
      this.head,
      inTicket
        ? el("a", { class: "button", attributes: { href: "#", "aria-label": t("back") } }, "‹")
        : el("h1", {}, t("title")),
      el(
        "p",
        { class: lost ? "age lost" : "age", attributes: { role: "status" }, data: { testid: "age" } },
        this.age(),
        unsent > 0 &&
          el("b", { class: "flag" }, this.desk.sending && !lost ? t("sending") : t("unsent", { n: unsent })),
        stuck > 0 && el("b", { class: "flag bad" }, t("conflicts", { n: stuck })),
      ),
      this.menu(),
    );
  }

  private menu(): HTMLElement {
    const speakOther = () => {
      otherLanguage();
      this.draw();
    };
    return el(
      "details",
      { class: "menu" },
      el("summary", { attributes: { "aria-label": t("menu") } }, "☰"),
      el(
        "div",
        { class: "rest" },
        el("p", { class: "dim" }, this.desk.me?.name ?? ""),
        el("button", { on: { click: () => void this.turn(true) } }, t("again")),
        el("button", { on: { click: speakOther } }, t("language")),
        el("a", { class: "button", attributes: { href: "/" } }, t("wall")),
        el("button", { data: { act: "signout" }, on: { click: () => void this.leave() } }, t("signout")),
      ),
    );
  }

  private lockedView(): HTMLElement {
    this.said.textContent = "";
    return el(
      "section",
      { class: "card", data: { testid: "locked" } },
      el("h2", {}, t("locked")),
      el("p", {}, t("lockedwhy")),
      el("a", { class: "button primary", attributes: { href: SIGN_IN } }, t("signin")),
    );
  }

  private say(text: string): void {
    this.said.textContent = text;
    setTimeout(() => {
      if (this.said.textContent === text) this.said.textContent = "";
    }, 6_000);
  }

  // --- what people do

  private async take(step: Step, entry: Entry): Promise<void> {
    if (!isStep(step) || this.taking) return;
    this.taking = true;
    try {
      await this.begun(step, entry);
    } finally {
      this.taking = false;
    }
  }

  private async begun(step: Step, entry: Entry): Promise<void> {
    const taken = () => {
      this.say(t(this.net.reached ? "queued" : "noted", { step: word("step", step) }));
      void this.turn();
    };
    if (!PLAIN.has(step)) return Sheet.open(this.desk, entry, step, taken);
    try {
      await this.desk.enqueue(entry, step, {}, await this.desk.draft(entry, step));
      taken();
    } catch (error) {
      this.say(t("full", { why: error instanceof Error ? error.message : String(error) }));
    }
  }

  private async leave(): Promise<void> {
    const unsent = this.desk.queue().length;
    if (unsent > 0 && !confirm(t("keepout", { n: unsent }))) return;
    await this.desk.lock();
    localStorage.setItem(OUT, "1");
    await this.signOut();
  }

  /** Ends the session as soon as the server is reached; until then the page stays locked. */
  private async signOut(): Promise<void> {
    try {
      await this.signOffPush();
      await this.net.ask("/api/v1/session", { method: "DELETE" });
      localStorage.removeItem(OUT);
      location.replace(SIGN_IN);
    } catch {
      this.draw();
    }
  }

  /** The phone shows nobody messages of who has left. */
  private async signOffPush(): Promise<void> {
    if (!pushKnown()) return;
    const headers = { "Content-Type": "application/json" };
    const send = (path: string, body: object) =>
      this.net.ask(path, { method: "POST", headers, body: JSON.stringify(body) });
    await new BrowserPush(thisDevice(send)).leave();
  }

  // --- the network

  /** One round: the list, then what waits, then what will be read later; and when the next one is due. */
  async turn(now = true, early?: Promise<Response>): Promise<void> {
    if (now) this.retry = FIRST_RETRY_MS;
    if (this.turning) {
      this.wanted ||= now;
      return;
    }
    this.turning = true;
    clearTimeout(this.timer);
    let soon = false;
    try {
      if (localStorage.getItem(OUT) !== null) return await this.signOut();
      await this.desk.refresh(early);
      if (this.desk.locked) return;
      soon = await this.desk.send();
      await this.desk.fetchAhead();
    } catch {
      soon = true;
    } finally {
      this.turning = false;
      if (this.wanted) {
        this.wanted = false;
        queueMicrotask(() => void this.turn());
      }
      this.retry = soon ? Math.min(this.retry * 2, LAST_RETRY_MS) : FIRST_RETRY_MS;
      clearTimeout(this.timer);
      if (document.visibilityState === "visible" || soon) {
        this.timer = window.setTimeout(() => void this.turn(false), soon ? this.retry : EVERY_MS);
      }
    }
  }
}

async function begin(): Promise<void> {
  speak();
  const net = new Net();
  const desk = new Desk(await Store.open(), net);
  const page = new Page(desk, net);
  if (localStorage.getItem(OUT) === null) await desk.start();
  else desk.locked = true;
  page.draw();
  await page.turn(true, window.early);
  if ("serviceWorker" in navigator) {
    await navigator.serviceWorker.register("/inbox-worker.js", { scope: "/inbox", updateViaCache: "none" });
  }
}

void begin();
