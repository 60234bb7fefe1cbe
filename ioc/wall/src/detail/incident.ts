import { getJson, postJson, Refused } from "../api";
import { serverNow } from "../clock";
import { el, replace } from "../dom";
import { coordinates, moment } from "../format";
import { t, word } from "../i18n/language";
import { titleOf } from "../list";
import { isWaiting, type Position } from "../model";
import { severityIcon } from "../shapes";
import { AlarmView } from "./alarm";
import { facts } from "./facts";
import { type IncidentRecord, readConflict, readRecord } from "./record";
import type { View } from "./view";

/** An incident with its evidence, its log and the step that an operator can take. */
export class IncidentView implements View {
  private readonly head = el("div", { class: "detailhead" });
  private readonly message = el("p", { class: "message", attributes: { role: "status" } });
  private readonly summary = el("div", {});
  private readonly evidence = el("div", { class: "evidence" });
  private readonly log = el("div", { class: "log" });
  private readonly button = el("button", {
    class: "primary",
    attributes: { type: "button" },
    data: { testid: "acknowledge" },
    on: { click: () => void this.acknowledge() },
  });
  readonly root = el(
    "article",
    {},
    this.head,
    this.button,
    this.message,
    this.evidence,
    this.summary,
    this.log,
  );
  private record: IncidentRecord | null = null;
  private readonly alarms = new Map<string, AlarmView>();
  private readonly gone = new AbortController();

  constructor(
    readonly id: string,
    private readonly replayed: boolean,
    private readonly fly: (position: Position) => void,
  ) {
    this.button.hidden = true;
    replace(this.head, el("p", { class: "note" }, t("detail.loading")));
    void this.load();
  }

  /** The live stream has told of a newer version, or one of the sources has a new reading. */
  changed(layer: string, id: string, version: number): void {
    if (layer === "incident" && id === this.id && version !== this.record?.version) void this.load();
    if (layer !== "device") return;
    for (const view of this.alarms.values()) if (view.graph?.device === id) view.graph.refresh();
  }

  tick(): void {
    for (const view of this.alarms.values()) view.tick();
  }

  render(): void {
    if (!this.record) return;
    this.draw(this.record);
    for (const view of this.alarms.values()) view.graph?.draw();
  }

  close(): void {
    this.gone.abort();
    for (const view of this.alarms.values()) view.close();
  }

  private async load(): Promise<void> {
    try {
      const path = `/api/v1/incidents/${encodeURIComponent(this.id)}`;
      this.take(readRecord(await getJson(path, this.gone.signal)));
    } catch {
      if (this.gone.signal.aborted || this.record) return;
      const retry = el(
        "button",
        { class: "quiet", attributes: { type: "button" }, on: { click: () => void this.load() } },
        t("detail.retry"),
      );
      replace(this.head, el("p", { class: "note" }, t("detail.failed")), retry);
    }
  }

  /** Takes a record in unless a newer one is already shown. */
  private take(record: IncidentRecord | null): void {
    if (!record || record.id !== this.id || this.gone.signal.aborted) return;
    if (this.record && record.version < this.record.version) return;
    this.record = record;
    this.draw(record);
  }

  private draw(record: IncidentRecord): void {
    const waiting = isWaiting(record);
    replace(
      this.head,
      severityIcon(record.severity, waiting),
      el(
        "div",
        {},
        el("span", { class: `grade text-${record.severity}` }, t(`severity.${record.severity}`)),
        el("h2", {}, titleOf(record)),
        el("p", { class: "dim" }, subtitle(record)),
      ),
    );
    this.button.hidden = !waiting;
    if (!this.button.disabled) this.button.textContent = t("detail.acknowledge");
    this.drawSummary(record);
    this.drawAlarms(record);
    this.drawLog(record);
  }

  private drawSummary(record: IncidentRecord): void {
    const now = serverNow();
    const at = (ms: number | null) => (ms === null ? null : moment(ms, now));
    const place = record.position;
    const show =
      place &&
      el(
        "button",
        { class: "link", attributes: { type: "button" }, on: { click: () => this.fly(place) } },
        coordinates(...place),
      );
    replace(
      this.summary,
      facts([
        [t("detail.category"), word("category", record.category)],
        [t("detail.owner"), record.owner],
        [t("detail.opened"), at(record.openedAt)],
        [t("detail.updated"), at(record.updatedAt)],
        [t("detail.position"), show],
      ]),
    );
  }

  private drawAlarms(record: IncidentRecord): void {
    const kept = new Set(record.alarms.map((alarm) => alarm.id));
    for (const [id, view] of this.alarms) {
      if (kept.has(id)) continue;
      view.close();
      view.root.remove();
      this.alarms.delete(id);
    }
    if (this.evidence.childElementCount === 0) this.evidence.append(el("h3", {}));
    for (const alarm of record.alarms) {
      const view = this.alarms.get(alarm.id);
      if (view) view.update(alarm);
      else {
        const watched = [...this.alarms.values()].some((other) => other.watched === alarm.source);
        const made = new AlarmView(alarm, this.replayed, !watched);
        this.alarms.set(alarm.id, made);
        this.evidence.append(made.root);
      }
    }
    const heading = this.evidence.querySelector("h3");
    if (heading) heading.textContent = record.alarms.length > 0 ? t("detail.evidence") : "";
  }

  private drawLog(record: IncidentRecord): void {
    const now = serverNow();
    const lines = record.log.map((line) =>
      el(
        "li",
        {},
        el("time", {}, line.at === null ? "" : moment(line.at, now)),
        el("b", {}, word("who", line.who)),
        el("span", {}, lineText(line)),
      ),
    );
    replace(
      this.log,
      el("h3", {}, t("detail.log")),
      lines.length > 0 ? el("ol", {}, ...lines) : el("p", { class: "note" }, t("detail.nolog")),
    );
  }

  private async acknowledge(): Promise<void> {
    const record = this.record;
    if (!record || this.button.disabled) return;
    this.button.disabled = true;
    this.button.textContent = t("detail.acknowledging");
    this.message.textContent = "";
    try {
      const path = `/api/v1/incidents/${encodeURIComponent(this.id)}/acknowledge`;
      const answer = readRecord(await postJson(path, { expected_version: record.version }));
      if (answer) this.take(answer);
      else await this.load();
    } catch (error) {
      await this.explain(error);
    } finally {
      this.button.disabled = false;
      this.button.textContent = t("detail.acknowledge");
    }
  }

  private async explain(error: unknown): Promise<void> {
    if (error instanceof Refused && error.status === 409) {
      this.message.textContent = t("detail.conflict");
      const current = readConflict(error.body);
      if (current && current.alarms.length > 0) this.take(current);
      else await this.load();
    } else if (error instanceof Refused && error.status === 403) {
      this.message.textContent = t("detail.forbidden");
    } else {
      this.message.textContent = t("detail.sendfailed");
    }
  }
}

function subtitle(record: IncidentRecord): string {
  return [record.areaName, word("status", record.status)].filter((part) => part !== "").join(" · ");
}

/** What happened, in the reader's language; a step that this wall does not know is shown as it was written. */
function lineText({ what, text }: IncidentRecord["log"][number]): string {
  const known = word("log", what);
  if (known === what) return text || what;
  const change = what === "severity" ? /^(\w+) → (\w+)/.exec(text) : null;
  if (!change) return known;
  const [before, after] = change.slice(1).map((grade) => word("severity", grade));
  return `${known}: ${before} → ${after}`;
}
