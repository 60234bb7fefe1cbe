import { getJson } from "../api";
import { serverNow } from "../clock";
import { el, replace } from "../dom";
import { coordinates, moment } from "../format";
import { type Host, maySteps } from "../host";
import { t, word } from "../i18n/language";
import { titleOf } from "../list";
import { isWaiting } from "../model";
import { send } from "../people/send";
import { severityIcon } from "../shapes";
import { TicketSection } from "../tickets/section";
import { SeerList } from "../watch/seers";
import { pageKeyOf } from "../work/keys";
import { AlarmView } from "./alarm";
import { Checklist } from "./checklist";
import { DeedBar } from "./deedbar";
import { facts } from "./facts";
import { type AlarmRecord, type IncidentRecord, readRecord } from "./record";
import { relatedList } from "./related";
import { Timeline } from "./timeline";
import { ToldList } from "./told";
import type { View } from "./view";

/** So many alarms are shown with their evidence at first, and so many more each time. */
const SHOWN = 3;
/** That the incident is before somebody's eyes is told when it opens, and so often after that at most. */
const SEEN_MS = 30_000;

/** As in styles/narrow.css. */
const NARROW = "(max-width: 900px)";

const isTold = (alarm: AlarmRecord) => alarm.kind === "citizen" || alarm.kind === "agency";

/** An incident with its evidence, its life and the steps that an operator can take. */
export class IncidentView implements View {
  private readonly head = el("div", { class: "detailhead" });
  private readonly lead = el("div", { class: "lead" });
  private readonly summary = el("div", {});
  private readonly evidence = el("div", { class: "evidence" });
  private readonly more = el("div", {});
  private readonly related = el("div", {});
  private readonly deeds: DeedBar;
  private readonly checklist: Checklist;
  private readonly told: ToldList;
  private readonly tickets: TicketSection;
  private readonly timeline: Timeline;
  private readonly seers: SeerList;
  readonly root: HTMLElement;
  private record: IncidentRecord | null = null;
  private pressed: string | null = null;
  private most = SHOWN;
  private seenAt: number | null = null;
  private readonly alarms = new Map<string, AlarmView>();
  private readonly gone = new AbortController();

  constructor(
    readonly id: string,
    private readonly host: Host,
  ) {
    const works = maySteps(host.session);
    const take = (record: IncidentRecord) => this.take(record);
    this.deeds = new DeedBar(host, take, () => this.load());
    this.checklist = new Checklist(works, take);
    this.told = new ToldList(id, works);
    this.tickets = new TicketSection(id, host);
    this.timeline = new Timeline(id);
    this.seers = new SeerList(host);
    const before = [this.summary, this.seers.root, this.tickets.root, this.related, this.told.root];
    const ends = [this.checklist.root, this.timeline.root];
    this.root = el("article", {}, this.head, this.lead, this.deeds.root, ...before, ...ends);
    const narrow = matchMedia(NARROW);
    narrow.addEventListener("change", () => this.lay(narrow.matches), { signal: this.gone.signal });
    this.lay(narrow.matches);
    replace(this.head, el("p", { class: "note" }, t("detail.loading")));
    void this.load();
    this.timeline.refresh();
  }

  /**
   * On a narrow screen what it rests on comes first, in the order of reading as well as to the eye. Nothing else is
   * moved when a phone is turned: what is moved loses the focus, and a form may be under way.
   */
  private lay(narrow: boolean): void {
    if (narrow) this.summary.before(this.evidence, this.more);
    else this.told.root.after(this.evidence, this.more);
  }

  /** A key of a step; one that is pressed before the incident is here waits for it. */
  key(letter: string): boolean {
    if (this.record) return this.seers.key(letter) || this.tickets.key(letter) || this.deeds.key(letter);
    if (pageKeyOf(letter)) return false;
    this.pressed = letter;
    return true;
  }

  escape(): boolean {
    return this.deeds.escape() || this.tickets.escape() || this.seers.escape();
  }

  /** The live stream has told of a newer version, or one of the sources has a new reading. */
  changed(layer: string, id: string, version: number): void {
    if (layer === "incident" && id === this.id && version !== this.record?.version) void this.load();
    if (layer === "ticket" && this.tickets.changed(id)) this.timeline.refresh();
    if (layer !== "device") return;
    for (const view of this.alarms.values()) if (view.graph?.device === id) view.graph.refresh();
  }

  /** Another silence, or one less. */
  silenced(): void {
    for (const view of this.alarms.values()) view.mark(this.host.silences);
  }

  tick(): void {
    this.tickets.tick();
    this.seers.tick();
    for (const view of this.alarms.values()) view.tick();
  }

  render(): void {
    if (!this.record) return;
    this.draw(this.record);
    this.tickets.draw();
    this.seers.draw();
    this.told.draw();
    this.timeline.draw();
    for (const view of this.alarms.values()) view.graph?.draw();
  }

  close(): void {
    this.gone.abort();
    this.deeds.close();
    this.told.close();
    this.tickets.close();
    this.seers.close();
    this.timeline.close();
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
    const known = this.record?.version;
    this.record = record;
    this.draw(record);
    if (known !== record.version) this.timeline.refresh();
    this.tellSeen(record);
    const pressed = this.pressed;
    this.pressed = null;
    if (pressed !== null) this.key(pressed);
  }

  /** Tells who has it before their eyes; that it could not be told is nobody's business. */
  private tellSeen(record: IncidentRecord): void {
    const now = performance.now();
    if (!maySteps(this.host.session) || document.visibilityState !== "visible") return;
    if (this.seenAt !== null && now - this.seenAt < SEEN_MS) return;
    this.seenAt = now;
    const path = `/api/v1/incidents/${encodeURIComponent(this.id)}/seen`;
    send("POST", path, { version: record.version }).catch(() => undefined);
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
    this.drawLead(record);
    this.deeds.draw(record);
    this.drawSummary(record);
    this.seers.see(record.position);
    this.tickets.take(record);
    replace(this.related, relatedList(record.related, this.host.openIncident));
    this.checklist.draw(record);
    this.told.update(record.alarms);
    this.drawAlarms(record);
  }

  /** A duplicate leads to the incident that stands for it. */
  private drawLead(record: IncidentRecord): void {
    const end = record.leadsTo;
    const original = end === null ? undefined : this.host.board.incidents.get(end);
    replace(
      this.lead,
      end !== null && el("p", {}, t("duplicate.lead")),
      end !== null &&
        el(
          "button",
          {
            class: "primary",
            attributes: { type: "button" },
            data: { testid: "original" },
            on: { click: () => this.host.openIncident(end) },
          },
          original ? titleOf(original) : t("duplicate.open"),
        ),
    );
    this.lead.hidden = end === null;
  }

  private drawSummary(record: IncidentRecord): void {
    const now = serverNow();
    const at = (ms: number | null) => (ms === null ? null : moment(ms, now));
    const place = record.position;
    const show =
      place &&
      el(
        "button",
        { class: "link", attributes: { type: "button" }, on: { click: () => this.host.fly(place) } },
        coordinates(...place),
      );
    replace(
      this.summary,
      facts([
        [t("detail.category"), word("category", record.category)],
        [t("detail.owner"), record.owner || t("detail.noowner")],
        [t("detail.acknowledged"), acknowledgedBy(record, now)],
        [t("detail.alarms"), t("detail.alarms.of", { holding: record.holding, all: record.alarmCount })],
        [t("detail.opened"), at(record.openedAt)],
        [t("detail.updated"), at(record.updatedAt)],
        [t("detail.position"), show],
        [t("detail.seen"), seenBy(record, now)],
      ]),
    );
  }

  private drawAlarms(record: IncidentRecord): void {
    const proofs = record.alarms.filter((alarm) => !isTold(alarm));
    const shown = proofs.slice(0, this.most);
    const kept = new Set(shown.map((alarm) => alarm.id));
    for (const [id, view] of this.alarms) {
      if (kept.has(id)) continue;
      view.close();
      view.root.remove();
      this.alarms.delete(id);
    }
    if (this.evidence.childElementCount === 0) this.evidence.append(el("h3", {}));
    for (const alarm of shown) {
      const view = this.alarms.get(alarm.id);
      if (view) view.update(alarm);
      else {
        const watched = [...this.alarms.values()].some((other) => other.watched === alarm.source);
        const made = new AlarmView(alarm, this.host.session.replay !== null, !watched);
        this.alarms.set(alarm.id, made);
        this.evidence.append(made.root);
      }
    }
    const heading = this.evidence.querySelector("h3");
    if (heading) heading.textContent = proofs.length > 0 ? t("detail.evidence") : "";
    this.silenced();
    const hidden = proofs.length - shown.length;
    const show = () => {
      this.most += 2 * SHOWN;
      if (this.record) this.drawAlarms(this.record);
    };
    replace(
      this.more,
      hidden > 0 &&
        el(
          "button",
          { class: "quiet", attributes: { type: "button" }, on: { click: show } },
          t("detail.more", { count: hidden }),
        ),
    );
  }
}

/** Who took it on last, and when. */
function acknowledgedBy(record: IncidentRecord, now: number): string | null {
  const line = record.log.findLast((one) => one.what === "acknowledged" || one.what === "assigned");
  if (!line) return null;
  return [line.who, line.at === null ? "" : moment(line.at, now)].filter(Boolean).join(" · ");
}

function seenBy(record: IncidentRecord, now: number): string | null {
  const told = record.seen.map(({ who, lastAt }) =>
    lastAt === null ? who : `${who} (${moment(lastAt, now)})`,
  );
  return told.length === 0 ? null : told.join(", ");
}

function subtitle(record: IncidentRecord): string {
  return [record.areaName, word("status", record.status)].filter((part) => part !== "").join(" · ");
}
