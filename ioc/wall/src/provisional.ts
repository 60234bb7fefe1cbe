import { el, replace, setText } from "./dom";
import { hourMinute } from "./format";
import { language, t } from "./i18n/language";
import { isJson, type Position, pointOf, SEVERITIES, type Severity, severity, text, time } from "./model";
import { severityIcon } from "./shapes";

/** An alarm that is not saved yet: it waits on disk until PostgreSQL takes it, and then gives way to the saved one. */
export interface Provisional {
  id: string;
  title: string;
  titleEn: string;
  severity: Severity;
  /** Milliseconds since the epoch. */
  raisedAt: number;
  /** A saved alarm that seems to have ended meanwhile. */
  over: boolean;
  position: Position | null;
}

/** Null for a saved alarm: this wall shows those as incidents. */
export function readProvisional(id: string, feature: unknown): Provisional | null {
  if (!isJson(feature) || !isJson(feature.properties)) return null;
  const p = feature.properties;
  if (p.provisional !== true) return null;
  return {
    id,
    title: text(p.title, id),
    titleEn: text(p.title_en) || text(p.title, id),
    severity: severity(p.severity),
    raisedAt: time(p.raised_at) ?? 0,
    over: time(p.cleared_at) !== null,
    position: pointOf(feature),
  };
}

/** Worst first, then newest, what is over last. */
export function inOrder(all: Iterable<Provisional>): Provisional[] {
  const rank = (one: Provisional) => SEVERITIES.indexOf(one.severity);
  return [...all].sort(
    (a, b) =>
      Number(a.over) - Number(b.over) ||
      rank(a) - rank(b) ||
      b.raisedAt - a.raisedAt ||
      (a.id < b.id ? -1 : 1),
  );
}

function row(one: Provisional): HTMLLIElement {
  const title = language() === "vi" ? one.title : one.titleEn;
  const facts = [t(`severity.${one.severity}`), hourMinute(one.raisedAt), t("provisional.mark")];
  if (one.over) facts.push(t("provisional.over"));
  return el(
    "li",
    { class: one.over ? "cleared" : "", data: { provisional: one.id, severity: one.severity } },
    el("span", { class: "mark" }, severityIcon(one.severity, false, true)),
    el(
      "div",
      { class: "what" },
      el("span", { class: "title" }, title),
      el("span", { class: "facts" }, facts.join(" · ")),
    ),
  );
}

/** What holds provisionally, above the incidents; nothing can be opened, for nothing is saved of it. */
export class ProvisionalList {
  private readonly heading = el("h2", {});
  private readonly items = el("ol", { class: "incidents" });
  readonly root = el("section", { class: "provisional", data: { testid: "provisional" } });

  constructor() {
    this.root.hidden = true;
  }

  render(all: ReadonlyMap<string, Provisional>): void {
    setText(this.heading, `${t("provisional.title")} (${all.size})`);
    replace(this.items, ...inOrder(all.values()).map(row));
    this.root.hidden = all.size === 0;
    replace(this.root, ...(all.size === 0 ? [] : [this.heading, this.items]));
  }
}
