import type { Board } from "../board";
import { shownNow } from "../clock";
import { el, replace, setText } from "../dom";
import { language, t, word } from "../i18n/language";
import { type ListRow, RowList } from "../rowlist";
import { severityIcon } from "../shapes";
import { isLate, queueOf, type Self, STATES, type Ticket, type Wish } from "./ticket";
import { dueText, titleOf, unitOf } from "./words";

/** More rows than these nobody reads at once; the filters find the others. */
const MOST_ROWS = 300;
/** So often the order is looked at anew, as tickets become late by themselves. */
const ORDER_MS = 10_000;

/** The live tickets, the longest late first; filters by unit, state, late and mine. Rows keep their element and focus. */
export class TicketQueue {
  private readonly heading = el("h2", {});
  private readonly filters = el("form", { class: "ticketfilters" });
  private readonly unit = el("select", { data: { testid: "filter-unit" } });
  private readonly state = el("select", { data: { testid: "filter-state" } });
  private readonly late = el("input", { attributes: { type: "checkbox" }, data: { testid: "filter-late" } });
  private readonly mine = el("input", { attributes: { type: "checkbox" }, data: { testid: "filter-mine" } });
  private readonly items: RowList<Ticket>;
  private readonly empty = el("p", { class: "empty" });
  readonly root: HTMLElement;
  private readonly wish: Wish = { unit: "", state: "", late: false, mine: false };
  private offered = "";
  private orderedAt = 0;
  private board: Board | null = null;
  private shown = false;

  constructor(
    private readonly self: Self,
    open: (id: string) => void,
  ) {
    const drawnOf = (one: Ticket) => `${language()} ${unitOf(one)} ${JSON.stringify(one)}`;
    this.items = new RowList("ticket", "incidents tickets", open, drawnOf, draw);
    this.root = el(
      "section",
      { class: "ticketqueue", data: { testid: "tickets" } },
      this.heading,
      this.filters,
      this.items.root,
      this.empty,
    );
    this.filters.addEventListener("submit", (event) => event.preventDefault());
    this.filters.addEventListener("change", () => {
      this.wish.unit = this.unit.value;
      this.wish.state = this.state.value;
      this.wish.late = this.late.checked;
      this.wish.mine = this.mine.checked;
      if (this.board) this.render(this.board);
    });
  }

  /** Whether the queue is before the reader's eyes; hidden it costs nothing. */
  set visible(shown: boolean) {
    this.shown = shown;
    if (shown && this.board) this.render(this.board);
  }

  /** The ticket that the keys are at, while the focus is in the queue. */
  get focused(): string | null {
    return this.items.focused;
  }

  render(board: Board): void {
    this.board = board;
    if (!this.shown) return;
    const now = shownNow();
    this.orderedAt = now;
    this.offer(board);
    const all = queueOf(board.tickets.values(), this.wish, this.self, now);
    const list = all.slice(0, MOST_ROWS);
    this.items.show(list);
    const late = all.filter((one) => isLate(one, now)).length;
    setText(this.heading, t("queue.title", { count: all.length, late }));
    this.items.root.setAttribute("aria-label", t("queue.label"));
    this.say(board, all.length, list.length);
    this.tick();
  }

  select(id: string | null): void {
    this.items.select(id);
  }

  focus(): void {
    this.items.focus();
  }

  /** Counts on; what has become late meanwhile moves to its place. */
  tick(): void {
    if (!this.shown) return;
    const now = shownNow();
    if (this.board && now - this.orderedAt > ORDER_MS) {
      this.render(this.board);
      return;
    }
    for (const { element, thing: ticket } of this.items.rows.values()) {
      const due = element.querySelector(".due");
      if (due) setText(due, dueText(ticket, now));
      element.classList.toggle("late", isLate(ticket, now));
    }
  }

  private say(board: Board, all: number, shown: number): void {
    const filtered = this.wish.unit !== "" || this.wish.state !== "" || this.wish.late || this.wish.mine;
    const none = !board.complete ? "list.loading" : filtered ? "queue.nofit" : "queue.empty";
    setText(this.empty, all > shown ? t("queue.more", { count: all - shown }) : t(none));
    this.empty.hidden = all > 0 && all === shown;
  }

  /** The filters with the units that have tickets; redrawn only when these change. */
  private offer(board: Board): void {
    const units = new Map<string, string>();
    for (const one of board.tickets.values()) units.set(one.unit, unitOf(one));
    const list = [...units].sort(([, a], [, b]) => a.localeCompare(b, language()));
    const offered = `${language()} ${JSON.stringify(list)}`;
    if (offered === this.offered) return;
    this.offered = offered;
    const option = (value: string, words: string) => el("option", { attributes: { value } }, words);
    replace(this.unit, option("", t("queue.anyunit")), ...list.map(([code, name]) => option(code, name)));
    const live = STATES.filter((one) => one !== "closed" && one !== "cancelled");
    replace(
      this.state,
      option("", t("queue.anystate")),
      ...live.map((one) => option(one, t(`tstate.${one}`))),
    );
    this.unit.value = units.has(this.wish.unit) ? this.wish.unit : "";
    this.wish.unit = this.unit.value;
    this.state.value = this.wish.state;
    this.unit.setAttribute("aria-label", t("queue.unit"));
    this.state.setAttribute("aria-label", t("queue.state"));
    replace(
      this.filters,
      this.unit,
      this.state,
      el("label", { class: "tick" }, this.late, t("queue.late")),
      el("label", { class: "tick" }, this.mine, t("queue.mine")),
    );
  }
}

function draw({ element, thing: ticket }: ListRow<Ticket>): void {
  const untaken = ticket.state === "new" || ticket.state === "reopened";
  element.dataset.state = ticket.state;
  element.classList.toggle("waiting", untaken);
  replace(
    element,
    el(
      "span",
      { class: "mark", attributes: { title: t(`severity.${ticket.severity}`) } },
      severityIcon(ticket.severity, untaken),
    ),
    el(
      "div",
      { class: "what" },
      el("span", { class: "title" }, titleOf(ticket)),
      el(
        "span",
        { class: "facts" },
        [`#${ticket.number}`, unitOf(ticket), ticket.areaName].filter(Boolean).join(" · "),
      ),
      ticket.task !== "" && el("span", { class: "task" }, ticket.task),
      el(
        "span",
        { class: "when" },
        el("span", { class: "due" }),
        el("span", { class: "status" }, word("tstate", ticket.state)),
        ticket.owner !== "" && el("span", {}, ticket.owner),
        ticket.bounces > 0 &&
          el("span", { class: "bounced" }, t("ticket.bounced", { count: ticket.bounces })),
      ),
    ),
  );
}
