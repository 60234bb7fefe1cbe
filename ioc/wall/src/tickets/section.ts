import { getJson } from "../api";
import { serverNow } from "../clock";
import type { IncidentRecord } from "../detail/record";
import { el, replace, setText } from "../dom";
import { type Host, maySteps } from "../host";
import { t } from "../i18n/language";
import type { Sheet } from "../work/sheet";
import { OPEN_KEY } from "./deeds";
import { openTicketForm } from "./openform";
import { byFamily, isLate, isOpen, readTickets, type Ticket } from "./ticket";
import { loadUnits } from "./units";
import { ticketLines } from "./view";
import { dueText } from "./words";

/** An incident's tickets: who has which part, how it stands, until when; and one more opened by hand. */
export class TicketSection {
  private readonly title = el("h3", {});
  private readonly list = el("div", {});
  private readonly message = el("p", {
    class: "message",
    attributes: { role: "status" },
    data: { testid: "tickets-message" },
  });
  private readonly place = el("div", { class: "sheetplace" });
  private readonly open = el("button", {
    class: "quiet",
    attributes: { type: "button", "aria-keyshortcuts": OPEN_KEY },
    data: { testid: "open-ticket" },
    on: { click: () => this.begin() },
  });
  readonly root = el(
    "section",
    { class: "ticketsection", data: { testid: "incident-tickets" } },
    this.title,
    this.list,
    this.open,
    this.message,
    this.place,
  );
  private record: IncidentRecord | null = null;
  private sheet: Sheet | null = null;
  private tickets: Ticket[] = [];
  private known = false;
  private failed = false;
  private readonly gone = new AbortController();

  constructor(
    private readonly id: string,
    private readonly host: Host,
  ) {
    this.root.hidden = !host.session.sees.includes("ticket");
    if (this.root.hidden) return;
    void this.load();
    loadUnits().then(
      () => this.draw(),
      () => undefined,
    );
  }

  /** The incident, as it stands: what is proposed follows from its category, severity and place. */
  take(record: IncidentRecord): void {
    this.record = record;
    this.draw();
  }

  /** A ticket has changed or gone; one of this incident is asked for again. Whether it was one. */
  changed(id: string): boolean {
    const listed = this.tickets.some((one) => one.id === id);
    const ours = listed || this.host.board.tickets.get(id)?.incident === this.id;
    if (ours) void this.load();
    return ours;
  }

  key(letter: string): boolean {
    if (letter !== OPEN_KEY || this.root.hidden || !maySteps(this.host.session)) return false;
    this.begin();
    return true;
  }

  escape(): boolean {
    if (!this.sheet) return false;
    this.shut();
    return true;
  }

  close(): void {
    this.gone.abort();
  }

  tick(): void {
    const now = serverNow();
    for (const one of this.tickets) {
      const due = this.list.querySelector(`[data-due="${CSS.escape(one.id)}"]`);
      if (!due) continue;
      setText(due, dueText(one, now));
      due.classList.toggle("late", isLate(one, now));
    }
  }

  draw(): void {
    if (this.root.hidden) return;
    const open = this.tickets.filter(isOpen).length;
    setText(this.title, t("ticket.section", { count: this.tickets.length, open }));
    replace(
      this.open,
      t("ticket.open"),
      el("kbd", { attributes: { "aria-hidden": "true" } }, OPEN_KEY.toUpperCase()),
    );
    this.open.hidden = !maySteps(this.host.session);
    const none = this.failed ? "detail.failed" : this.known ? "ticket.none" : "detail.loading";
    replace(
      this.list,
      this.tickets.length > 0 ? ticketLines(this.tickets, this.host) : el("p", { class: "note" }, t(none)),
    );
  }

  private begin(): void {
    if (!this.record) return;
    setText(this.message, "");
    this.sheet = openTicketForm(
      this.record,
      (id, number) => void this.opened(id, number),
      () => this.shut(),
    );
    replace(this.place, this.sheet.root);
    this.sheet.begin();
  }

  /** One that went to another centre is not for who sees only their own: they are told so. */
  private async opened(id: string, number: string): Promise<void> {
    this.shut();
    await this.load();
    const seen = this.tickets.some((one) => one.id === id);
    setText(this.message, t(seen || this.failed ? "ticket.opened" : "ticket.opened.elsewhere", { number }));
  }

  private shut(): void {
    this.sheet = null;
    this.place.replaceChildren();
    this.open.focus({ preventScroll: true });
  }

  private async load(): Promise<void> {
    try {
      const path = `/api/v1/tickets?incident=${encodeURIComponent(this.id)}&limit=200`;
      this.tickets = readTickets(await getJson(path, this.gone.signal)).tickets.sort(byFamily);
      this.known = true;
      this.failed = false;
    } catch {
      if (this.gone.signal.aborted) return;
      this.failed = true;
    }
    this.draw();
  }
}
