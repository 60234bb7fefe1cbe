import { getJson } from "../api";
import type { Board } from "../board";
import { serverNow } from "../clock";
import { type AlarmRecord, readRecord } from "../detail/record";
import { el, replace, setText } from "../dom";
import { LiveFigure } from "../film/figure";
import { duration, measured } from "../format";
import { t, word } from "../i18n/language";
import { titleOf } from "../list";
import { type Incident, isWaiting } from "../model";
import { severityIcon } from "../shapes";
import { readSeers } from "../watch/seers";

/** What is asked of one incident beside what is streamed: its sensor's alarm, and the nearest live camera. */
export class Card {
  private readonly body = el("div", { class: "kioskfacts" });
  private readonly value = el("div", { class: "kioskvalue", data: { testid: "kiosk-value" } });
  private readonly picture = el("div", { class: "kioskpicture" });
  private readonly age = el("p", { class: "kioskage" });
  readonly root = el("article", { class: "kioskcard", data: { testid: "kiosk-card" } });
  private alarm: AlarmRecord | null = null;
  private film: LiveFigure | null = null;
  private readonly gone = new AbortController();

  constructor(
    private readonly board: Board,
    private readonly incident: Incident,
    private readonly broke: boolean,
    sees: readonly string[],
  ) {
    this.root.dataset.incident = incident.id;
    this.root.dataset.severity = incident.severity;
    replace(this.root, this.body, this.value, this.picture);
    void this.load();
    if (incident.position && sees.includes("camera")) void this.look(incident.position.join(","));
    this.draw();
  }

  /** Draws what is streamed of it, as it is now. */
  draw(): void {
    const one = this.board.incidents.get(this.incident.id) ?? this.incident;
    replace(
      this.body,
      this.broke && el("p", { class: "kioskbreaks", data: { testid: "kiosk-breaks" } }, t("kiosk.breaks")),
      el(
        "p",
        { class: `kioskgrade text-${one.severity}` },
        severityIcon(one.severity, isWaiting(one)),
        t(`severity.${one.severity}`),
      ),
      el("h2", {}, titleOf(one)),
      el("p", { class: "kioskplace" }, one.areaName),
      this.age,
      el(
        "p",
        { class: isWaiting(one) ? "kioskowner strong" : "kioskowner" },
        word("status", one.status),
        " · ",
        one.owner === "" ? t("kiosk.nobody") : t("kiosk.owner", { who: one.owner }),
      ),
    );
    this.drawValue();
    this.tick();
  }

  tick(): void {
    setText(this.age, t("kiosk.since", { age: duration(serverNow() - this.incident.openedAt) }));
    this.film?.tick();
  }

  close(): void {
    this.gone.abort();
    this.film?.close();
    this.film = null;
  }

  private async load(): Promise<void> {
    const path = `/api/v1/incidents/${encodeURIComponent(this.incident.id)}`;
    const record = await getJson(path, this.gone.signal).then(readRecord, () => null);
    if (this.gone.signal.aborted) return;
    this.alarm = record?.alarms.find((one) => one.kind === "sensor" && one.property !== "") ?? null;
    this.drawValue();
  }

  /** What the sensor measures now, with its limits. */
  private drawValue(): void {
    const { alarm } = this;
    if (!alarm) return;
    const latest = this.board.devices.get(alarm.source)?.latest[alarm.property];
    const value = latest?.value ?? alarm.value;
    if (value === null) return;
    const unit = latest?.unit || alarm.unit;
    replace(
      this.value,
      el("p", {}, word("property", alarm.property)),
      el("b", {}, measured(value, unit, alarm.property)),
      el(
        "ul",
        {},
        ...alarm.levels.map((level) =>
          el(
            "li",
            { class: value >= level.value ? `reached text-${level.severity}` : "" },
            severityIcon(level.severity, value >= level.value),
            t("kiosk.limit", {
              severity: t(`severity.${level.severity}`).toLocaleLowerCase(),
              value: measured(level.value, unit, alarm.property),
            }),
          ),
        ),
      ),
    );
  }

  /** The nearest live camera that sees it, if there is one. */
  private async look(at: string): Promise<void> {
    const path = `/api/v1/cameras?sees=${encodeURIComponent(at)}&limit=9`;
    const found = await getJson(path, this.gone.signal).then(readSeers, () => []);
    const seer = found.find((one) => one.live);
    if (!seer || this.gone.signal.aborted) return;
    this.film = new LiveFigure(seer.code);
    replace(this.picture, this.film.root, el("p", {}, seer.name));
  }
}
