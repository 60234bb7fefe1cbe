import { serverNow } from "../clock";
import { el, replace, setText } from "../dom";
import { measured, moment, quantity } from "../format";
import { t, word } from "../i18n/language";
import { severityIcon } from "../shapes";
import type { Silences } from "../work/silences";
import { evidenceClip } from "./clip";
import { facts } from "./facts";
import { Graph } from "./graph";
import { evidencePicture, NewestPicture, pictureBefore } from "./picture";
import type { AlarmRecord } from "./record";

/** One alarm of an incident with what proves it. Graph and pictures outlive a new version of it. */
export class AlarmView {
  private readonly head = el("div", { class: "alarmhead" });
  private readonly figures = el("div", { class: "figures" });
  private readonly muted = el("p", { class: "mutedmark", data: { testid: "muted" } });
  readonly root = el("section", { class: "alarm" }, this.head, this.muted, this.figures);
  private alarm: AlarmRecord;
  readonly graph: Graph | null;
  private readonly newest: NewestPicture | null;
  private sighting: string | null = null;
  private photo: HTMLElement | null = null;
  private filmed: string | null = null;
  private film: HTMLElement | null = null;

  /** @param newest whether it shows what its camera sees now: one of the alarms of a camera is enough */
  constructor(alarm: AlarmRecord, replayed: boolean, newest = true) {
    this.alarm = alarm;
    this.muted.hidden = true;
    const isSensor = alarm.kind === "sensor" && alarm.property !== "";
    this.graph = isSensor ? new Graph(alarm.source, alarm.property, replayed, alarm.levels) : null;
    this.newest = newest && alarm.kind === "camera" ? new NewestPicture(alarm.source) : null;
    if (this.graph) this.root.insertBefore(this.graph.root, this.figures);
    this.update(alarm);
    if (this.newest) this.root.append(this.newest.root);
  }

  /** Says when a silence mutes it. */
  mark(silences: Silences): void {
    const found = silences.of(this.alarm);
    this.muted.hidden = found === undefined;
    const ends = found?.ends ?? null;
    const time = ends === null ? "" : moment(ends, serverNow());
    setText(this.muted, found ? t("silence.muted", { who: found.author, time, why: found.reason }) : "");
  }

  update(alarm: AlarmRecord): void {
    this.alarm = alarm;
    const now = serverNow();
    const at = (ms: number | null) => (ms === null ? null : moment(ms, now));
    replace(
      this.head,
      severityIcon(alarm.severity, alarm.clearedAt === null),
      el("b", {}, alarm.sourceName),
      el("span", { class: "dim" }, word("source", alarm.kind)),
      headline(alarm),
    );
    replace(
      this.figures,
      facts([
        [t("alarm.watched"), alarm.subject],
        [t("place.reason"), word("reason", alarm.reason)],
        [t("alarm.direction"), word("direction", alarm.direction)],
        [t("alarm.things"), alarm.things === null ? null : quantity(alarm.things)],
        [t("alarm.share"), percent(alarm.share)],
        [t("alarm.speed"), alarm.speedKmh === null ? null : quantity(Math.round(alarm.speedKmh), "km/h")],
        [t("alarm.score"), percent(alarm.score)],
        [t("alarm.error"), alarm.errorM === null ? null : `± ${quantity(alarm.errorM, "m")}`],
        [t("alarm.raised"), at(alarm.raisedAt)],
        [t("alarm.seen"), at(alarm.seenAt)],
        [t("alarm.cleared"), at(alarm.clearedAt) ?? t("alarm.open")],
        [t("alarm.count"), alarm.count > 1 ? `×${alarm.count}` : null],
        [t("alarm.match"), word("match", alarm.match)],
        [t("alarm.rule"), alarm.rule],
        [t("alarm.rulesource"), alarm.ruleSource],
      ]),
    );
    this.showSighting(alarm);
    this.showFilm(alarm);
  }

  /** The camera whose newest picture it shows. */
  get watched(): string | null {
    return this.newest?.camera ?? null;
  }

  tick(): void {
    this.newest?.tick();
  }

  close(): void {
    this.graph?.close();
    this.newest?.close();
  }

  private showSighting(alarm: AlarmRecord): void {
    if (alarm.picture === this.sighting) return;
    this.sighting = alarm.picture;
    this.photo?.remove();
    this.photo = evidencePicture(alarm);
    if (this.photo && alarm.before !== null) {
      this.photo = el("div", { class: "pair" }, pictureBefore(alarm.before), this.photo);
    }
    if (this.photo) this.root.insertBefore(this.photo, this.figures);
  }

  private showFilm(alarm: AlarmRecord): void {
    const url = alarm.clip?.url ?? null;
    if (url === this.filmed) return;
    this.filmed = url;
    this.film?.remove();
    this.film = evidenceClip(alarm);
    if (this.film) this.root.insertBefore(this.film, this.figures);
  }
}

function percent(part: number | null): string | null {
  return part === null ? null : quantity(Math.round(part * 100), "%");
}

/** The one thing that must be readable from afar: the value and its limit, or what was seen. */
function headline(alarm: AlarmRecord): HTMLElement | null {
  if (alarm.value !== null) {
    const limit =
      alarm.limit === null ? "" : `${t("alarm.limit")} ${measured(alarm.limit, alarm.unit, alarm.property)}`;
    return el(
      "p",
      {},
      el("b", { class: "value" }, measured(alarm.value, alarm.unit, alarm.property)),
      el("span", { class: "dim" }, limit),
    );
  }
  if (alarm.phenomenon === "") return null;
  return el(
    "p",
    {},
    el("b", { class: "value words" }, word("kind", alarm.phenomenon)),
    el("span", { class: "dim" }, word("subject", alarm.objectClass)),
  );
}
