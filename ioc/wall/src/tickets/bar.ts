import { Refused } from "../api";
import { serverNow } from "../clock";
import { el, replace, setText } from "../dom";
import { t, word } from "../i18n/language";
import type { Json } from "../model";
import { reason, SendAgain, sendJson } from "../people/send";
import { Sheet } from "../work/sheet";
import { deedsOf, nextOf, TICKET_DEEDS, type TicketDeed } from "./deeds";
import { ticketFilling } from "./forms";
import { readConflict, readTicketRecord, type TicketRecord } from "./ticket";
import { conflictText } from "./words";

/** Every step that a ticket allows, as a button and a key; what it asks for opens below. */
export class TicketBar {
  private readonly buttons = el("div", { class: "deeds", attributes: { role: "group" } });
  private readonly place = el("div", { class: "sheetplace" });
  private readonly message = el("p", {
    class: "message",
    attributes: { role: "status" },
    data: { testid: "ticket-message" },
  });
  readonly root = el("div", { class: "deedbar" }, this.buttons, this.message, this.place);
  private record: TicketRecord | null = null;
  private open: { deed: TicketDeed; sheet: Sheet; close: () => void } | null = null;
  private busy = false;

  /**
   * @param self the login of the reader
   * @param works whether the reader may take steps at all
   * @param take the ticket after a step, or what is there in place of what the person saw
   * @param reload asks for the ticket again; false: it is no longer the reader's to see
   */
  constructor(
    private readonly self: string,
    private readonly works: boolean,
    private readonly take: (record: TicketRecord) => void,
    private readonly reload: () => Promise<boolean>,
  ) {}

  draw(record: TicketRecord): void {
    this.record = record;
    const steps = this.works ? record.steps : [];
    const next = nextOf(steps);
    this.buttons.setAttribute("aria-label", t("deed.label"));
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset.testid : "";
    const inside = this.buttons.contains(document.activeElement);
    replace(this.buttons, ...deedsOf(steps).map((deed) => this.button(deed, deed.name === next)));
    if (inside && focused) this.buttons.querySelector<HTMLElement>(`[data-testid="${focused}"]`)?.focus();
    this.mark();
  }

  /** Takes a key; false when it is no step's. */
  key(letter: string): boolean {
    const record = this.record;
    const deed = TICKET_DEEDS.find((one) => one.key === letter);
    if (!record || !deed) return false;
    if (this.works && record.steps.includes(deed.name)) this.start(deed);
    else {
      const values = { what: t(`tdeed.${deed.name}`), state: word("tstate", record.state) };
      const own = deed.name === "verify" && record.state === "resolved" && record.resolvedBy === this.self;
      this.tell(own ? t("ticket.notyours") : t("ticket.notnow", values));
    }
    return true;
  }

  /** Closes what is open; false when nothing was. */
  escape(): boolean {
    if (!this.open) return false;
    this.shut();
    return true;
  }

  close(): void {
    this.shut(false);
  }

  tell(text: string): void {
    setText(this.message, text);
  }

  /** The ticket is no longer the reader's: no step is left, but what was told last stays. */
  lose(): void {
    this.record = null;
    this.shut(false);
    this.buttons.replaceChildren();
  }

  private button(deed: TicketDeed, first: boolean): HTMLElement {
    const label = t(`tdeed.${deed.name}`);
    return el(
      "button",
      {
        class: first ? "primary" : "quiet",
        attributes: { type: "button", "aria-keyshortcuts": deed.key },
        data: { testid: `ticket-${deed.name}` },
        on: { click: () => this.start(deed) },
      },
      label,
      el("kbd", { attributes: { "aria-hidden": "true" } }, deed.key.toUpperCase()),
    );
  }

  private mark(): void {
    for (const button of this.buttons.querySelectorAll("button")) {
      const open = this.open !== null && button.dataset.testid === `ticket-${this.open.deed.name}`;
      button.setAttribute("aria-expanded", String(open));
    }
  }

  private start(deed: TicketDeed): void {
    if (!this.record || this.busy) return;
    this.tell("");
    if (deed.asks === "nothing") {
      void this.direct(deed);
      return;
    }
    this.shut(false);
    const what = t(`tdeed.${deed.name}`);
    const filling = ticketFilling(deed, this.record, this.self);
    const again = new SendAgain();
    const sheet = new Sheet(
      what,
      filling.rows,
      t("deed.send", { what }),
      async () => {
        const filled = await filling.body();
        // No word is lost because somebody else did something meanwhile.
        const seen = deed.asks === "text" ? {} : { expected_version: this.record?.version ?? 0 };
        const body = { ...filled, ...seen };
        try {
          await this.send(deed, body, again.keyOf(body));
        } catch (error) {
          sheet.tell(await this.explain(error));
        }
      },
      () => this.shut(),
    );
    this.open = { deed, sheet, close: filling.close };
    replace(this.place, sheet.root);
    this.mark();
    sheet.begin();
  }

  private shut(back = true): void {
    const name = this.open?.deed.name;
    this.open?.close();
    this.open = null;
    this.place.replaceChildren();
    this.mark();
    if (!back || !name) return;
    const button = this.buttons.querySelector<HTMLElement>(`[data-testid="ticket-${name}"]`);
    (button ?? this.root.closest<HTMLElement>("[tabindex]"))?.focus({ preventScroll: true });
  }

  private async direct(deed: TicketDeed): Promise<void> {
    this.busy = true;
    try {
      await this.send(deed, { expected_version: this.record?.version ?? 0 }, "");
    } catch (error) {
      this.tell(await this.explain(error));
    } finally {
      this.busy = false;
    }
  }

  private async send(deed: TicketDeed, body: Json, key: string): Promise<void> {
    const id = this.record?.id ?? "";
    const path = `/api/v1/tickets/${encodeURIComponent(id)}/${deed.name}`;
    const answer = readTicketRecord(await sendJson("POST", path, body, key));
    this.shut();
    this.tell(t("deed.done", { what: t(`tdeed.${deed.name}`) }));
    if (answer && answer.id === id) this.take(answer);
    else await this.reload();
  }

  /** Why it was refused, with what happened meanwhile where somebody was quicker; what was typed stays. */
  private async explain(error: unknown): Promise<string> {
    if (!(error instanceof Refused)) return reason(error);
    if (error.status === 404) {
      await this.reload();
      return t("ticket.gone");
    }
    if (error.status !== 409) return reason(error);
    const { current, since } = readConflict(error.body);
    if (current && current.id === this.record?.id && current.steps.length > 0) this.take(current);
    else await this.reload();
    if (error.body.code !== "stale-ticket") return reason(error);
    return conflictText(since, this.self, serverNow());
  }
}
