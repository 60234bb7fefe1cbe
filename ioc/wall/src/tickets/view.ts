import { getJson, Refused } from "../api";
import { serverNow } from "../clock";
import { facts } from "../detail/facts";
import { thumbs } from "../detail/timeline";
import type { View } from "../detail/view";
import { type Child, el, replace, setText } from "../dom";
import { coordinates, moment } from "../format";
import { type Host, maySteps } from "../host";
import { t, word } from "../i18n/language";
import { severityIcon } from "../shapes";
import { TicketBar } from "./bar";
import { isLate, type Line, readTicketRecord, type Ticket, type TicketRecord } from "./ticket";
import { loadUnits, unitName } from "./units";
import { dueText, lineText, titleOf, unitOf, whoText } from "./words";

/** A step that came so much later than it was taken was taken away from the network. */
const LATER_MS = 60_000;

/** A ticket in the panel: who has it, until when, every step, its parts, its log. */
export class TicketView implements View {
  private readonly head = el("div", { class: "detailhead" });
  private readonly due = el("p", { class: "dueline", data: { testid: "due" } });
  private readonly bar: TicketBar;
  private readonly summary = el("div", {});
  private readonly family = el("div", {});
  private readonly log = el("div", { class: "log", data: { testid: "ticket-log" } });
  readonly root: HTMLElement;
  private record: TicketRecord | null = null;
  private pressed: string | null = null;
  /** A ticket that is not among the live ones has no place until it is loaded. */
  private unplaced: boolean;
  private readonly gone = new AbortController();

  constructor(
    readonly id: string,
    private readonly host: Host,
  ) {
    const { session } = host;
    this.unplaced = !host.board.tickets.has(id);
    this.bar = new TicketBar(
      session.user,
      maySteps(session),
      (record) => this.take(record),
      () => this.load(),
    );
    this.root = el(
      "article",
      { class: "ticketview" },
      this.head,
      this.due,
      this.bar.root,
      this.summary,
      this.family,
      this.log,
    );
    replace(this.head, el("p", { class: "note" }, t("detail.loading")));
    void this.load();
    loadUnits().then(
      () => this.render(),
      () => undefined,
    );
  }

  key(letter: string): boolean {
    if (this.record) return this.bar.key(letter);
    this.pressed = letter;
    return true;
  }

  escape(): boolean {
    return this.bar.escape();
  }

  changed(layer: string, id: string): void {
    if (layer !== "ticket" || this.record === null) return;
    const mine = id === this.id || this.record.subs.some((one) => one.id === id);
    if (mine) void this.load();
  }

  tick(): void {
    if (!this.record) return;
    const now = serverNow();
    setText(this.due, dueText(this.record, now));
    this.due.classList.toggle("late", isLate(this.record, now));
    this.due.hidden = this.due.textContent === "";
  }

  render(): void {
    if (this.record) this.draw(this.record);
  }

  close(): void {
    this.gone.abort();
    this.bar.close();
  }

  private async load(): Promise<boolean> {
    try {
      const path = `/api/v1/tickets/${encodeURIComponent(this.id)}`;
      const found = readTicketRecord(await getJson(path, this.gone.signal));
      if (found) this.take(found);
      return true;
    } catch (error) {
      if (this.gone.signal.aborted) return false;
      const lost = error instanceof Refused && (error.status === 404 || error.status === 403);
      if (this.record && !lost) return true;
      this.record = lost ? null : this.record;
      this.lose(lost);
      return false;
    }
  }

  /** It has gone to a unit whose tickets are not the reader's to see, or the server is away. */
  private lose(lost: boolean): void {
    const again = el(
      "button",
      { class: "quiet", attributes: { type: "button" }, on: { click: () => void this.load() } },
      t("detail.retry"),
    );
    replace(this.head, el("p", { class: "note" }, t(lost ? "ticket.gone" : "detail.failed")), !lost && again);
    for (const part of [this.summary, this.family, this.log]) part.replaceChildren();
    this.due.hidden = true;
    if (lost) this.bar.lose();
  }

  private take(record: TicketRecord): void {
    if (record.id !== this.id || this.gone.signal.aborted) return;
    if (this.record && record.version < this.record.version) return;
    this.record = record;
    this.draw(record);
    if (this.unplaced) this.host.locate(record);
    this.unplaced = false;
    const pressed = this.pressed;
    this.pressed = null;
    if (pressed !== null) this.bar.key(pressed);
  }

  private draw(record: TicketRecord): void {
    const untaken = record.state === "new" || record.state === "reopened";
    const subtitle = [unitOf(record), word("tstate", record.state), record.areaName]
      .filter(Boolean)
      .join(" · ");
    replace(
      this.head,
      severityIcon(record.severity, untaken),
      el(
        "div",
        {},
        el("span", { class: `grade text-${record.severity}` }, t("ticket.number", { number: record.number })),
        el("h2", {}, titleOf(record)),
        el("p", { class: "dim", data: { testid: "ticket-state" } }, subtitle),
      ),
    );
    this.bar.draw(record);
    this.drawSummary(record);
    this.drawFamily(record);
    this.drawLog(record);
    this.tick();
  }

  private drawSummary(record: TicketRecord): void {
    const now = serverNow();
    const at = (ms: number | null) => (ms === null ? null : moment(ms, now));
    const place = record.position;
    const link = (words: string, click: () => void) =>
      el("button", { class: "link", attributes: { type: "button" }, on: { click } }, words);
    const { about } = record;
    const resolved = [whoText(record.resolvedBy), at(record.resolvedAt)].filter(Boolean).join(" · ");
    replace(
      this.summary,
      record.task !== "" && el("p", { class: "taskbox" }, record.task),
      record.waitingSince !== null &&
        el(
          "p",
          { class: "taskbox" },
          t("ticket.waits", { time: at(record.waitingSince) ?? "", why: record.waitingWhy }),
        ),
      record.result !== "" &&
        el("p", { class: "taskbox" }, el("b", {}, `${t("ticket.result")}: `), record.result),
      facts([
        [
          t("ticket.incident"),
          about && about.id !== "" ? link(titleOf(about), () => this.host.openIncident(about.id)) : null,
        ],
        [t("ticket.owner"), record.owner || t("detail.noowner")],
        [t("ticket.team"), record.team],
        [t("ticket.from"), record.sender === "" ? null : unitName(record.sender)],
        [t("ticket.received"), at(record.receivedAt)],
        [t("ticket.acceptby"), at(record.acceptBy)],
        [t("ticket.dueat"), at(record.dueAt)],
        [t("ticket.accepted"), at(record.acceptedAt)],
        [t("ticket.resolved"), record.resolvedAt === null ? null : resolved],
        [t("ticket.bounces"), record.bounces > 0 ? String(record.bounces) : null],
        [t("ticket.reopens"), record.reopens > 0 ? String(record.reopens) : null],
        [t("detail.position"), place && link(coordinates(...place), () => this.host.fly(place))],
      ]),
      record.photos.length > 0 && thumbs(record.photos),
    );
  }

  private drawFamily(record: TicketRecord): void {
    const parts: Child[] = [];
    const { parentTicket } = record;
    if (parentTicket) parts.push(el("h3", {}, t("ticket.parent")), ticketLines([parentTicket], this.host));
    else if (record.parent !== null) {
      const { parent } = record;
      parts.push(
        el("h3", {}, t("ticket.parent")),
        el(
          "button",
          {
            class: "link",
            attributes: { type: "button" },
            on: { click: () => this.host.openTicket(parent) },
          },
          t("ticket.openparent"),
        ),
      );
    }
    if (record.subs.length > 0)
      parts.push(el("h3", {}, t("ticket.subs")), ticketLines(record.subs, this.host));
    replace(this.family, ...parts);
  }

  private drawLog(record: TicketRecord): void {
    const now = serverNow();
    replace(
      this.log,
      el("h3", {}, t("ticket.log")),
      el("ol", {}, ...record.log.map((line) => logLine(line, now))),
      record.log.length === 0 && el("p", { class: "note" }, t("detail.nolog")),
    );
  }
}

function logLine(line: Line, now: number): HTMLElement {
  return el(
    "li",
    { class: line.what === "comment" ? "moment comment" : "moment" },
    el("time", {}, line.at === null ? "" : moment(line.at, now)),
    el(
      "div",
      { class: "words" },
      el("b", {}, whoText(line.who)),
      el("span", { class: "said" }, lineText(line)),
      line.madeAt !== null &&
        line.at !== null &&
        line.at - line.madeAt > LATER_MS &&
        el("small", { class: "dim" }, t("ticket.madeat", { time: moment(line.madeAt, now) })),
      line.photos.length > 0 && thumbs(line.photos),
    ),
  );
}

/** Tickets as lines that lead to them: number, unit, state, clock, bounces. */
export function ticketLines(tickets: readonly Ticket[], host: Host): HTMLElement {
  const now = serverNow();
  return el(
    "ul",
    { class: "choices ticketlines" },
    ...tickets.map((one) => {
      const late = isLate(one, now);
      const words = [
        word("tstate", one.state),
        one.owner,
        one.bounces > 0 ? t("ticket.bounced", { count: one.bounces }) : "",
      ];
      return el(
        "li",
        {},
        el(
          "button",
          {
            class: one.parent === null ? "" : "part",
            attributes: { type: "button" },
            data: { ticketline: one.id },
            on: { click: () => host.openTicket(one.id) },
          },
          severityIcon(one.severity, one.state === "new" || one.state === "reopened"),
          el(
            "span",
            {},
            el("b", {}, `#${one.number} ${unitOf(one)}`),
            one.task !== "" && el("span", {}, one.task),
            el("small", { class: "dim" }, words.filter(Boolean).join(" · ")),
          ),
          el("span", { class: late ? "due late" : "due", data: { due: one.id } }, dueText(one, now)),
        ),
      );
    }),
  );
}
