import { serverNow } from "../clock";
import { button, table } from "../desk/parts";
import { type Child, el, replace, setText } from "../dom";
import { save } from "../download";
import { moment, zoneOffset } from "../format";
import { t } from "../i18n/language";
import { type Cell, csv, stamped } from "./csv";
import { png } from "./picture";

/** The rows behind a chart: a moment each, or null in a row that has none. */
export interface Table {
  heads: string[];
  /** How the columns are called in CSV, which machines read. */
  names: string[];
  rows: { cells: Cell[]; shown: Child[] }[];
}

export interface Content {
  title: string;
  /** What is measured, with its unit. */
  under: string;
  /** The chart in words. */
  summary: string;
  figure: HTMLElement | SVGElement;
  table: Table;
  /** The beginning of the files' names. */
  name: string;
}

/** So many rows are written out; the CSV has them all. */
const MOST_ROWS = 500;

/** A chart with what it says in words, its numbers as a table, and both as files. */
export class Card {
  private readonly title = el("h2", {});
  private readonly buttons = el("div", { class: "spans" });
  private readonly choices = el("div", { class: "spans" });
  private readonly summary = el("p", { class: "summary" });
  private readonly body = el("div", { class: "drawing" });
  private readonly message = el("p", { class: "note", attributes: { role: "status" } });
  private readonly details = el("details", { class: "tableof" });
  readonly root: HTMLElement;
  private content: Content | null = null;

  constructor(readonly testid: string) {
    this.root = el(
      "section",
      { class: "block chartcard", attributes: { id: testid }, data: { testid } },
      el("div", { class: "cardhead" }, this.title, this.choices, this.buttons),
      this.summary,
      this.body,
      this.message,
      this.details,
    );
    // Rows are made when somebody looks: a month of a busy gauge has thousands.
    this.details.addEventListener("toggle", () => this.drawTable());
  }

  /** The width that a drawing may take. */
  get width(): number {
    return Math.max(320, Math.min(this.body.clientWidth || 900, 1_600));
  }

  /** Whether a reader goes through the drawing by keys, which a new one would interrupt. */
  get busy(): boolean {
    return this.body.contains(document.activeElement);
  }

  /** Buttons of the card's own, such as a span. */
  choose(...choices: Child[]): void {
    replace(this.choices, ...choices);
  }

  /** Nothing to draw: what there is instead. */
  say(title: string, words: string): void {
    this.content = null;
    setText(this.title, title);
    setText(this.summary, "");
    setText(this.message, words);
    replace(this.buttons);
    replace(this.body);
    this.details.hidden = true;
  }

  show(content: Content): void {
    this.content = content;
    setText(this.title, content.title);
    setText(this.summary, content.summary);
    setText(this.message, "");
    const held = this.buttons.contains(document.activeElement) ? document.activeElement : null;
    replace(this.body, content.figure);
    if (!this.buttons.firstChild || !held) this.drawButtons();
    this.details.hidden = false;
    this.drawTable();
  }

  private drawButtons(): void {
    const of = (words: string, kind: string, click: () => void) => {
      const made = button(words, click, { testid: `${this.testid}-${kind}` });
      made.setAttribute("aria-label", `${words}: ${this.content?.title ?? ""}`);
      return made;
    };
    replace(
      this.buttons,
      of("PNG", "png", () => void this.savePicture()),
      of("CSV", "csv", () => this.saveTable()),
    );
  }

  private fileName(kind: string): string {
    const now = serverNow();
    const at = new Date(now + zoneOffset(now))
      .toISOString()
      .slice(0, 16)
      .replace(/[-:]/g, "")
      .replace("T", "-");
    return `${this.content?.name ?? "chart"}-${at}.${kind}`;
  }

  private async savePicture(): Promise<void> {
    const { content } = this;
    const drawing = this.body.querySelector<SVGSVGElement>("svg");
    if (!content || !drawing) return;
    const now = serverNow();
    const made = stamped(Math.floor(now / 1_000) * 1_000, zoneOffset(now));
    try {
      const words = {
        title: content.title,
        under: `${content.under} · ${t("charts.zone", { zone: zoneName(now) })}`,
        foot: t("charts.made", { time: made, who: t("app.short") }),
      };
      save(await png(drawing, words), this.fileName("png"));
    } catch {
      setText(this.message, t("charts.nopicture"));
    }
  }

  private saveTable(): void {
    const { content } = this;
    if (!content) return;
    const text = csv(
      content.table.names,
      content.table.rows.map((row) => row.cells),
    );
    save(new Blob([text], { type: "text/csv;charset=utf-8" }), this.fileName("csv"));
  }

  private drawTable(): void {
    const { content, details } = this;
    const open = details.open;
    const heading = el("summary", {}, t("charts.table", { count: content?.table.rows.length ?? 0 }));
    const old = details.querySelector("summary");
    if (old && old.textContent !== heading.textContent) setText(old, heading.textContent ?? "");
    if (!old) details.prepend(heading);
    for (const part of [...details.children].slice(1)) part.remove();
    if (!open || !content) return;
    const { heads, rows } = content.table;
    const newest = rows.slice(-MOST_ROWS).reverse();
    details.append(
      table(
        heads,
        newest.map((row) => row.shown),
        content.title,
      ),
    );
    if (rows.length > MOST_ROWS)
      details.append(el("p", { class: "dim" }, t("charts.more", { count: MOST_ROWS })));
  }
}

/** The zone as it stands in a time: `+07:00`. */
function zoneName(ms: number): string {
  return stamped(ms, zoneOffset(ms)).slice(-6);
}

/** A moment for people, with the day always. */
export function dated(ms: number): string {
  return moment(ms, 0);
}
