import type { Board } from "./board";
import { shownNow } from "./clock";
import { el, replace, setText } from "./dom";
import { EndedList } from "./ended";
import { duration, hourMinute } from "./format";
import { language, t, word } from "./i18n/language";
import { type Incident, isOpen, isWaiting, worstFirst } from "./model";
import { RowList } from "./rowlist";
import { severityIcon } from "./shapes";

/** So long does a new row stand out. */
const FRESH_MS = 60_000;

/** More rows than these nobody reads, and a storm of them must not stop the page; all are on the map. */
const MOST_ROWS = 300;

export function titleOf(incident: { title: string; titleEn: string }): string {
  return language() === "vi" ? incident.title : incident.titleEn;
}

/** The open incidents, worst first, then newest; rows keep their element, and so their focus. */
export class IncidentList {
  private readonly items: RowList<Incident>;
  private readonly heading = el("h2", {});
  private readonly empty = el("p", { class: "empty" });
  private readonly hint = el("p", { class: "hint" });
  /** Tells of a new incident those who listen to the page. */
  private readonly spoken = el("p", { class: "spoken", attributes: { role: "status" } });
  private readonly ended: EndedList;
  private settled = false;

  constructor(root: HTMLElement, open: (id: string) => void, ...above: HTMLElement[]) {
    this.items = new RowList(
      "incident",
      "incidents",
      open,
      (incident) => `${language()} ${JSON.stringify(incident)}`,
      ({ element, thing }) => draw(element, thing),
    );
    this.ended = new EndedList(open);
    replace(
      root,
      ...above,
      this.heading,
      this.items.root,
      this.empty,
      this.ended.root,
      this.hint,
      this.spoken,
    );
  }

  render(board: Board): void {
    const all = [...board.incidents.values()]
      .filter((one) => isOpen(one) && board.passes(one))
      .sort(worstFirst);
    const incidents = all.slice(0, MOST_ROWS);
    const newest = this.items.show(incidents).at(-1);
    if (this.settled && newest) {
      setText(this.spoken, `${t(`severity.${newest.severity}`)}: ${titleOf(newest)}`);
    }
    setText(this.heading, `${t("list.title")} (${all.length})`);
    const more = all.length - incidents.length;
    const none = board.complete ? t("list.empty") : t("list.loading");
    setText(this.empty, more > 0 ? t("list.more", { count: more }) : none);
    setText(this.hint, t("list.hint"));
    this.items.root.setAttribute("aria-label", t("list.title"));
    this.empty.hidden = incidents.length > 0 && more === 0;
    this.settled = board.complete;
    this.ended.render(board);
  }

  /** Tells those who listen to the page, and those who look at the foot of the list. */
  say(words: string): void {
    setText(this.spoken, words);
    setText(this.hint, words);
  }

  select(id: string | null): void {
    this.items.select(id);
  }

  /** The incident so many rows below the chosen one; without a chosen one that which the keys are at. */
  beside(by: number): string | null {
    return this.items.beside(by);
  }

  /** The incident that the keys are at, while the focus is in the list. */
  get focused(): string | null {
    return this.items.focused;
  }

  /** Puts the focus back on the chosen row, after the detail panel has closed. */
  focus(): void {
    this.items.focus();
  }

  /** Brings the ages up to date. */
  tick(): void {
    const now = shownNow();
    for (const { element, thing: incident } of this.items.rows.values()) {
      element.classList.toggle("fresh", now - incident.openedAt < FRESH_MS);
      writeAge(element, incident, now);
    }
  }
}

/** Of which age each of these elements tells: of 300 rows a second, nearly all say the same for a minute. */
const told = new WeakMap<Element, number>();

function writeAge(element: HTMLLIElement, { openedAt }: Incident, now: number): void {
  const since = element.querySelector(".since");
  const age = now - openedAt;
  // Seconds are told of the first minute, minutes after it: neither is taken for the other.
  const step = age < 60_000 ? -1 - Math.floor(age / 1_000) : Math.floor(age / 60_000);
  if (!since || told.get(since) === step) return;
  told.set(since, step);
  setText(since, `${hourMinute(openedAt)} · ${duration(age)}`);
}

/** Who has it, and since when where this page saw them take it. */
function takenBy({ owner, takenAt }: Incident): string {
  const told = t("list.owner", { owner });
  return takenAt === null ? told : `${told} (${hourMinute(takenAt)})`;
}

function draw(element: HTMLLIElement, incident: Incident): void {
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
        incident.owner !== "" && el("span", { class: "owner" }, takenBy(incident)),
        repeats,
        incident.cleared && el("span", { class: "over" }, t("list.cleared")),
      ),
    ),
  );
  writeAge(element, incident, shownNow());
}
