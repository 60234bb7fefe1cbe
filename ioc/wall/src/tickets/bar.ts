import { Refused } from "../api";
import { serverNow } from "../clock";
import { t, word } from "../i18n/language";
import type { Json } from "../model";
import { reason, SendAgain, sendJson } from "../people/send";
import { Sheet } from "../work/sheet";
import { StepBar } from "../work/stepbar";
import { deedsOf, nextOf, TICKET_DEEDS, type TicketDeed } from "./deeds";
import { ticketFilling } from "./forms";
import { readConflict, readTicketRecord, type TicketRecord } from "./ticket";
import { conflictText } from "./words";

/** Every step that a ticket allows, as a button and a key; what it asks for opens below. */
export class TicketBar {
  private readonly bar = new StepBar<TicketDeed>({
    message: "ticket-message",
    idOf: ({ name }) => `ticket-${name}`,
    labelOf: ({ name }) => t(`tdeed.${name}`),
    start: (deed) => this.start(deed),
  });
  readonly root = this.bar.root;
  private record: TicketRecord | null = null;
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
    const list = deedsOf(steps);
    this.bar.draw(
      list,
      list.find((deed) => deed.name === next),
    );
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
    return this.bar.shut();
  }

  close(): void {
    this.bar.shut(false);
  }

  tell(text: string): void {
    this.bar.tell(text);
  }

  /** The ticket is no longer the reader's: no step is left, but what was told last stays. */
  lose(): void {
    this.record = null;
    this.bar.shut(false);
    this.bar.draw([], undefined);
  }

  private start(deed: TicketDeed): void {
    if (!this.record || this.busy) return;
    this.tell("");
    if (deed.asks === "nothing") {
      void this.direct(deed);
      return;
    }
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
      () => void this.bar.shut(),
    );
    this.bar.show(deed, sheet, filling.close);
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
    this.bar.shut();
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
