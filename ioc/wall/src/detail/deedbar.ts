import { Refused } from "../api";
import { serverNow } from "../clock";
import { el } from "../dom";
import { type Host, maySteps } from "../host";
import { type Key, t, word } from "../i18n/language";
import type { Json } from "../model";
import { reason, SendAgain, sendJson } from "../people/send";
import { NOTHING } from "../work/filling";
import { DEEDS, type Deed, type DeedName, offered } from "../work/keys";
import { Sheet } from "../work/sheet";
import { silenceForm } from "../work/silenceform";
import { StepBar } from "../work/stepbar";
import { staleText } from "../work/words";
import { fillingOf, undoText } from "./deedforms";
import { type IncidentRecord, readConflict, readLatest, readRecord } from "./record";

/** So often a step is sent again when only the centre was quicker, and nothing that it rests on has changed. */
const TRIES = 4;

/** The step that comes next: the first of these that the state allows. */
const NEXT: readonly DeedName[] = ["acknowledge", "start", "resolve", "close"];

/** Steps that put the list in order rather than see to the incident. */
const RARE: ReadonlySet<DeedName> = new Set(["severity", "title", "merge", "duplicate", "split", "silence"]);

/** What a person looks at when they take a step that asks for nothing. */
function sameGround(a: IncidentRecord, b: IncidentRecord): boolean {
  return a.status === b.status && a.owner === b.owner && a.severity === b.severity;
}

const labelOf = (deed: Deed) => t(`deed.${deed.name}` as Key);

/** Every step that an incident allows, as a button and a key; what it asks for opens below. */
export class DeedBar {
  private readonly bar = new StepBar<Deed>({
    message: "deed-message",
    idOf: ({ name }) => name,
    labelOf,
    titleOf: (deed) => {
      const undo = deed.name === "undo" ? this.record?.undo : null;
      return undo ? undoText(undo) : labelOf(deed);
    },
    isRare: ({ name }) => RARE.has(name),
    start: (deed) => this.start(deed),
  });
  readonly root = this.bar.root;
  private record: IncidentRecord | null = null;
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
    const next = NEXT.find((name) => list.some((one) => one.name === name));
    this.bar.draw(
      list,
      list.find((one) => one.name === next),
    );
  }

  /** Takes a key; false when there is no such step now. */
  key(letter: string): boolean {
    const record = this.record;
    if (!record) return false;
    const deed = DEEDS.find((one) => one.key === letter);
    if (!deed) return false;
    const list = offered(record.steps, maySteps(this.host.session));
    if (list.includes(deed)) this.start(deed);
    else this.tell(t("deed.notnow", { what: labelOf(deed), status: word("status", record.status) }));
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

  private start(deed: Deed): void {
    const record = this.record;
    if (!record || this.busy) return;
    this.tell("");
    if (deed.direct) {
      void this.direct(deed);
      return;
    }
    if (deed.name === "silence") this.silence(deed, record);
    else this.ask(deed, record);
  }

  private ask(deed: Deed, record: IncidentRecord): void {
    const filling = fillingOf(deed, record, this.host);
    const again = new SendAgain();
    const sheet = new Sheet(
      labelOf(deed),
      filling.rows,
      t("deed.send", { what: labelOf(deed) }),
      async () => {
        const filled = await filling.body();
        const body =
          deed.name === "comment" ? filled : { ...filled, expected_version: this.record?.version ?? 0 };
        try {
          await this.send(deed, body, again.keyOf(body));
          this.bar.shut();
        } catch (error) {
          const told = await this.explain(error);
          sheet.tell(told);
        }
      },
      () => void this.bar.shut(),
    );
    this.bar.show(deed, sheet, filling.close);
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
        this.bar.shut();
        this.tell(words);
        void this.host.silences.refresh();
      },
      () => void this.bar.shut(),
    );
    this.bar.show(deed, sheet, NOTHING);
  }

  /** A step that asks for nothing: sent at once, and again when only the centre itself was quicker. */
  private async direct(deed: Deed): Promise<void> {
    this.busy = true;
    const button = this.bar.button(deed);
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
    this.tell(t("deed.done", { what: labelOf(deed) }));
    if (answer && answer.id !== id) this.lead(deed, answer);
  }

  /** A merge leads to the incident that stays; a split may be followed to the new one. */
  private lead(deed: Deed, answer: IncidentRecord): void {
    if (deed.name === "merge" || deed.name === "duplicate") {
      this.host.openIncident(answer.id);
      return;
    }
    this.bar.add(
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
