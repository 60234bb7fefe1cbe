import type { Board } from "./board";
import { serverNow } from "./clock";
import { el, replace, setText } from "./dom";
import { EndedList } from "./ended";
import { duration, hourMinute } from "./format";
import { language, t, word } from "./i18n/language";
import { type Incident, isOpen, isWaiting, worstFirst } from "./model";
import { severityIcon } from "./shapes";

/** So long does a new row stand out. */
const FRESH_MS = 60_000;

/** More rows than these nobody reads, and a storm of them must not stop the page; all are on the map. */
const MOST_ROWS = 300;

interface Row {
  element: HTMLLIElement;
  incident: Incident;
  drawn: string;
}

export function titleOf(incident: { title: string; titleEn: string }): string {
  return language() === "vi" ? incident.title : incident.titleEn;
}

/** The open incidents, worst first, then newest; rows keep their element, and so their focus. */
export class IncidentList {
  private readonly rows = new Map<string, Row>();
  private readonly items = el("ol", { class: "incidents", attributes: { role: "listbox" } });
  private readonly heading = el("h2", {});
  private readonly empty = el("p", { class: "empty" });
  private readonly hint = el("p", { class: "hint" });
  /** Tells of a new incident those who listen to the page. */
  private readonly spoken = el("p", { class: "spoken", attributes: { role: "status" } });
  private readonly ended: EndedList;
  private order: string[] = [];
  private settled = false;
  private active: string | null = null;
  private selected: string | null = null;

  constructor(
    root: HTMLElement,
    private readonly open: (id: string) => void,
    ...above: HTMLElement[]
  ) {
    this.ended = new EndedList(open);
    replace(root, ...above, this.heading, this.items, this.empty, this.ended.root, this.hint, this.spoken);
    this.items.addEventListener("keydown", (event) => this.key(event));
  }

  render(board: Board): void {
    const all = [...board.incidents.values()].filter(isOpen).sort(worstFirst);
    const incidents = all.slice(0, MOST_ROWS);
    this.order = incidents.map((incident) => incident.id);
    this.drop(new Set(this.order));
    incidents.forEach((incident, index) => {
      this.place(this.row(incident).element, index);
    });
    if (this.active === null || !this.rows.has(this.active)) this.active = this.order[0] ?? null;
    setText(this.heading, `${t("list.title")} (${all.length})`);
    const more = all.length - incidents.length;
    const none = board.complete ? t("list.empty") : t("list.loading");
    setText(this.empty, more > 0 ? t("list.more", { count: more }) : none);
    setText(this.hint, t("list.hint"));
    this.items.setAttribute("aria-label", t("list.title"));
    this.empty.hidden = incidents.length > 0 && more === 0;
    this.settled = board.complete;
    this.ended.render(board);
    this.mark();
  }

  select(id: string | null): void {
    this.selected = id;
    if (id !== null && this.rows.has(id)) this.active = id;
    this.mark();
  }

  /** The incident that the keys are at, while the focus is in the list. */
  get focused(): string | null {
    return this.items.contains(document.activeElement) ? this.active : null;
  }

  /** Puts the focus back on the chosen row, after the detail panel has closed. */
  focus(): void {
    if (this.active !== null) this.rows.get(this.active)?.element.focus();
  }

  /** Brings the ages up to date. */
  tick(): void {
    const now = serverNow();
    for (const { element, incident } of this.rows.values()) {
      element.classList.toggle("fresh", now - incident.openedAt < FRESH_MS);
      const age = element.querySelector(".since");
      if (age) setText(age, `${hourMinute(incident.openedAt)} · ${duration(now - incident.openedAt)}`);
    }
  }

  private drop(kept: Set<string>): void {
    for (const [id, row] of this.rows) {
      if (kept.has(id)) continue;
      row.element.remove();
      this.rows.delete(id);
    }
  }

  private place(element: HTMLLIElement, index: number): void {
    const there = this.items.children[index];
    if (there !== element) this.items.insertBefore(element, there ?? null);
  }

  private row(incident: Incident): Row {
    const drawn = `${language()} ${JSON.stringify(incident)}`;
    let row = this.rows.get(incident.id);
    if (!row) {
      const element = el("li", {
        attributes: { role: "option" },
        data: { incident: incident.id },
        on: { click: () => this.open(incident.id), focus: () => this.activate(incident.id) },
      });
      if (this.settled) setText(this.spoken, `${t(`severity.${incident.severity}`)}: ${titleOf(incident)}`);
      row = { element, incident, drawn: "" };
      this.rows.set(incident.id, row);
    }
    row.incident = incident;
    if (row.drawn !== drawn) {
      row.drawn = drawn;
      this.draw(row.element, incident);
    }
    return row;
  }

  private draw(element: HTMLLIElement, incident: Incident): void {
    const waiting = isWaiting(incident);
    element.dataset.severity = incident.severity;
    element.dataset.status = incident.status;
    element.classList.toggle("waiting", waiting);
    element.classList.toggle("cleared", incident.cleared);
    const facts = [
      t(`severity.${incident.severity}`),
      incident.areaName,
      ...incident.sources.map((source) => word("source", source)),
    ];
    const icon = el(
      "span",
      { class: "mark", attributes: { title: t(`severity.${incident.severity}`) } },
      severityIcon(incident.severity, waiting),
    );
    const repeats =
      incident.count > 1 &&
      el(
        "span",
        { class: "repeats", attributes: { title: t("list.repeats", { count: incident.count }) } },
        t("list.count", { count: incident.count }),
      );
    replace(
      element,
      icon,
      el(
        "div",
        { class: "what" },
        el("span", { class: "title" }, titleOf(incident)),
        el("span", { class: "facts" }, facts.filter((fact) => fact !== "").join(" · ")),
        el(
          "span",
          { class: "when" },
          el("span", { class: "since" }),
          el("span", { class: "status" }, word("status", incident.status)),
          incident.owner !== "" && el("span", { class: "owner" }, t("list.owner", { owner: incident.owner })),
          repeats,
          incident.cleared && el("span", { class: "over" }, t("list.cleared")),
        ),
      ),
    );
    const since = element.querySelector(".since");
    if (since) {
      const age = duration(serverNow() - incident.openedAt);
      setText(since, `${hourMinute(incident.openedAt)} · ${age}`);
    }
  }

  private activate(id: string): void {
    this.active = id;
    this.mark();
  }

  private mark(): void {
    for (const [id, { element }] of this.rows) {
      element.tabIndex = id === this.active ? 0 : -1;
      element.setAttribute("aria-selected", String(id === this.selected));
    }
  }

  private key(event: KeyboardEvent): void {
    const at = this.active === null ? -1 : this.order.indexOf(this.active);
    const last = this.order.length - 1;
    const steps: Record<string, number> = {
      ArrowDown: Math.min(at + 1, last),
      ArrowUp: Math.max(at - 1, 0),
      Home: 0,
      End: last,
    };
    const target = steps[event.key];
    if (target !== undefined) {
      const id = this.order[target];
      if (id !== undefined) this.rows.get(id)?.element.focus();
    } else if ((event.key === "Enter" || event.key === " ") && this.active !== null) {
      this.open(this.active);
    } else return;
    event.preventDefault();
  }
}
