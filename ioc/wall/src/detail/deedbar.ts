import { Refused } from "../api";
import { serverNow } from "../clock";
import { el, replace, setText } from "../dom";
import { type Host, maySteps } from "../host";
import { type Key, t, word } from "../i18n/language";
import type { Json } from "../model";
import { reason, SendAgain, sendJson } from "../people/send";
import { DEEDS, type Deed, type DeedName, offered } from "../work/keys";
import { Sheet } from "../work/sheet";
import { silenceForm } from "../work/silenceform";
import { staleText } from "../work/words";
import { fillingOf, undoText } from "./deedforms";
import { type IncidentRecord, readConflict, readLatest, readRecord } from "./record";

/** So often a step is sent again when only the centre was quicker, and nothing that it rests on has changed. */
const TRIES = 4;

/** The step that comes next: the first of these that the state allows. */
const NEXT: readonly DeedName[] = ["acknowledge", "start", "resolve", "close"];

/** What a person looks at when they take a step that asks for nothing. */
function sameGround(a: IncidentRecord, b: IncidentRecord): boolean {
  return a.status === b.status && a.owner === b.owner && a.severity === b.severity;
}

/** Every step that an incident allows, as a button and a key; what it asks for opens below. */
export class DeedBar {
  private readonly buttons = el("div", { class: "deeds", attributes: { role: "group" } });
  private readonly sheetPlace = el("div", { class: "sheetplace" });
  private readonly message = el("p", {
    class: "message",
    attributes: { role: "status" },
    data: { testid: "deed-message" },
  });
  readonly root = el("div", { class: "deedbar" }, this.buttons, this.message, this.sheetPlace);
  private record: IncidentRecord | null = null;
  private open: { deed: Deed; sheet: Sheet; close: () => void } | null = null;
  private busy = false;

  /**
   * @param take the incident after a step, or what is there in place of what the person saw
   * @param reload asks for the incident again
   */
  constructor(
    private readonly host: Host,
    private readonly take: (record: IncidentRecord) => void,
    private readonly reload: () => Promise<void>,
  ) {}

  draw(record: IncidentRecord): void {
    this.record = record;
    const list = offered(record.steps, maySteps(this.host.session));
    this.buttons.setAttribute("aria-label", t("deed.label"));
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset.testid : "";
    const inside = this.buttons.contains(document.activeElement);
    const next = NEXT.find((name) => list.some((one) => one.name === name));
    replace(this.buttons, ...list.map((deed) => this.button(deed, deed.name === next, record)));
    if (inside && focused) this.buttons.querySelector<HTMLElement>(`[data-testid="${focused}"]`)?.focus();
    this.mark();
  }

  /** Takes a key; false when there is no such step now. */
  key(letter: string): boolean {
    const record = this.record;
    if (!record) return false;
    const deed = DEEDS.find((one) => one.key === letter);
    if (!deed) return false;
    const list = offered(record.steps, maySteps(this.host.session));
    if (list.includes(deed)) this.start(deed);
    else
      this.tell(
        t("deed.notnow", { what: t(`deed.${deed.name}` as Key), status: word("status", record.status) }),
      );
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

  private button(deed: Deed, first: boolean, record: IncidentRecord): HTMLElement {
    const label = t(`deed.${deed.name}` as Key);
    const title = deed.name === "undo" && record.undo ? undoText(record.undo) : label;
    return el(
      "button",
      {
        class: first ? "primary" : "quiet",
        attributes: { type: "button", title, "aria-keyshortcuts": deed.key },
        data: { testid: deed.name },
        on: { click: () => this.start(deed) },
      },
      label,
      el("kbd", { attributes: { "aria-hidden": "true" } }, deed.key.toUpperCase()),
    );
  }

  private mark(): void {
    for (const button of this.buttons.querySelectorAll("button")) {
      button.setAttribute("aria-expanded", String(button.dataset.testid === this.open?.deed.name));
    }
  }

  private start(deed: Deed): void {
    const record = this.record;
    if (!record || this.busy) return;
    this.tell("");
    if (deed.direct) {
      void this.direct(deed);
      return;
    }
    this.shut(false);
    if (deed.name === "silence") this.silence(deed, record);
    else this.ask(deed, record);
    this.mark();
    this.open?.sheet.begin();
  }

  private ask(deed: Deed, record: IncidentRecord): void {
    const filling = fillingOf(deed, record, this.host);
    const again = new SendAgain();
    const sheet = new Sheet(
      t(`deed.${deed.name}` as Key),
      filling.rows,
      t("deed.send", { what: t(`deed.${deed.name}` as Key) }),
      async () => {
        const filled = await filling.body();
        const body =
          deed.name === "comment" ? filled : { ...filled, expected_version: this.record?.version ?? 0 };
        try {
          await this.send(deed, body, again.keyOf(body));
          this.shut();
        } catch (error) {
          const told = await this.explain(error);
          sheet.tell(told);
        }
      },
      () => this.shut(),
    );
    this.put(deed, sheet, filling.close);
  }

  private silence(deed: Deed, record: IncidentRecord): void {
    const told = record.alarms.filter((alarm) => alarm.kind !== "citizen" && alarm.kind !== "agency");
    const named = told.length > 0 ? told : record.alarms;
    const sources = new Map(named.map((alarm) => [alarm.source, alarm.sourceName] as const));
    const rules = [...new Set(told.map((alarm) => alarm.rule.split("@")[0] ?? "").filter(Boolean))];
    const sheet = silenceForm(
      { sources: [...sources], rules },
      serverNow,
      (words) => {
        this.shut();
        this.tell(words);
        void this.host.silences.refresh();
      },
      () => this.shut(),
    );
    this.put(deed, sheet, () => undefined);
  }

  private put(deed: Deed, sheet: Sheet, close: () => void): void {
    this.open = { deed, sheet, close };
    replace(this.sheetPlace, sheet.root);
  }

  private shut(back = true): void {
    const name = this.open?.deed.name;
    this.open?.close();
    this.open = null;
    this.sheetPlace.replaceChildren();
    this.mark();
    if (!back || !name) return;
    const button = this.buttons.querySelector<HTMLElement>(`[data-testid="${name}"]`);
    (button ?? this.root.closest<HTMLElement>("[tabindex]"))?.focus({ preventScroll: true });
  }

  /** A step that asks for nothing: sent at once, and again when only the centre itself was quicker. */
  private async direct(deed: Deed): Promise<void> {
    this.busy = true;
    const button = this.buttons.querySelector<HTMLButtonElement>(`[data-testid="${deed.name}"]`);
    if (button) button.disabled = true;
    try {
      for (let tries = 1; ; tries += 1) {
        const seen = this.record;
        if (!seen) return;
        try {
          await this.send(deed, { expected_version: seen.version }, "");
          return;
        } catch (error) {
          const current = error instanceof Refused && error.status === 409 ? readConflict(error.body) : null;
          const mine = current !== null && sameGround(seen, current) && current.version > seen.version;
          if (!mine || tries === TRIES) {
            this.tell(await this.explain(error));
            return;
          }
          this.take(current);
        }
      }
    } finally {
      this.busy = false;
      if (button) button.disabled = false;
    }
  }

  private async send(deed: Deed, body: Json, key: string): Promise<void> {
    const id = this.record?.id ?? "";
    const path = `/api/v1/incidents/${encodeURIComponent(id)}/${deed.name}`;
    const answer = readRecord(await sendJson("POST", path, body, key));
    if (answer && answer.id === id) this.take(answer);
    else await this.reload();
    this.tell(t("deed.done", { what: t(`deed.${deed.name}` as Key) }));
    if (answer && answer.id !== id) this.lead(deed, answer);
  }

  /** A merge leads to the incident that stays; a split may be followed to the new one. */
  private lead(deed: Deed, answer: IncidentRecord): void {
    if (deed.name === "merge" || deed.name === "duplicate") {
      this.host.openIncident(answer.id);
      return;
    }
    this.message.append(
      " ",
      el(
        "button",
        {
          class: "link",
          attributes: { type: "button" },
          on: { click: () => this.host.openIncident(answer.id) },
        },
        t("deed.split.follow"),
      ),
    );
  }

  /** Why it was refused, with the state of now where somebody was quicker. */
  private async explain(error: unknown): Promise<string> {
    if (!(error instanceof Refused)) return t("detail.sendfailed");
    if (error.status !== 409) return reason(error);
    const current = readConflict(error.body);
    if (current && current.id === this.record?.id) this.take(current);
    else await this.reload();
    if (error.body.code !== "stale-version") return reason(error);
    return staleText(readLatest(error.body), this.host.session.user, serverNow());
  }
}
