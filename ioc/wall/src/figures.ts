import { getJson, Refused, type Session } from "./api";
import { serverNow } from "./clock";
import { PageHead } from "./desk/head";
import { button, noteLine, nothing, section, table } from "./desk/parts";
import { startPage } from "./desk/start";
import { type Child, el, replace, setText } from "./dom";
import { download } from "./download";
import { dayOf } from "./duty/week";
import {
  BAD,
  type Behind,
  COUNTS,
  type Count,
  type Figures,
  lastWeek,
  onTimeShare,
  PHASES,
  pathOf,
  type Row,
  readBehind,
  readFigures,
  thisMonth,
  thisWeek,
  type Wish,
} from "./figures/figures";
import { duration, moment, quantity } from "./format";
import { language, locale, onLanguage, t, word } from "./i18n/language";
import { reason } from "./people/send";
import { loadUnits, unitName } from "./tickets/units";
import { choose, labelled } from "./work/sheet";

const SPANS = [
  ["week", thisWeek],
  ["lastweek", lastWeek],
  ["month", thisMonth],
] as const;

const share = (value: number | null) =>
  value === null ? "–" : new Intl.NumberFormat(locale(), { style: "percent" }).format(value);
const seconds = (value: number | null) => (value === null ? "–" : duration(value * 1_000));

/** How units stand: counts and the time of each phase in a span, the tickets behind each count, and CSV. */
class FiguresPage {
  private readonly head: PageHead;
  private readonly form = el("form", { class: "row" });
  private readonly note = noteLine();
  private readonly body = el("div", { class: "stack" });
  private readonly behind = el("div", { data: { testid: "behind" } });
  private wish: Wish;
  private found: Figures | null = null;
  private drilled: { row: Row; figure: Count; tickets: Behind[]; next: string } | null = null;
  private turn = 0;

  constructor(root: HTMLElement, session: Session) {
    this.wish = { ...thisWeek(dayOf(serverNow())), by: "unit" };
    this.head = new PageHead(session);
    this.form.addEventListener("submit", (event) => event.preventDefault());
    replace(root, this.head.root, this.form, this.note, this.body, this.behind);
    onLanguage(() => this.draw());
    loadUnits().then(
      () => this.drawBehind(),
      () => undefined,
    );
    void this.load();
  }

  private async load(change: Partial<Wish> = {}): Promise<void> {
    this.wish = { ...this.wish, ...change };
    this.turn += 1;
    const turn = this.turn;
    this.drilled = null;
    setText(this.note, t("desk.loading"));
    this.draw();
    try {
      const found = readFigures(await getJson(pathOf(this.wish)));
      if (turn !== this.turn) return;
      this.found = found;
      setText(this.note, "");
    } catch (error) {
      if (turn !== this.turn) return;
      setText(
        this.note,
        error instanceof Refused && error.status === 403 ? t("desk.forbidden") : reason(error),
      );
    }
    this.draw();
  }

  private draw(): void {
    this.head.draw(t("figures.title"));
    this.drawForm();
    const { found } = this;
    const rows = found ? [...found.rows, ...(found.total && found.rows.length > 1 ? [found.total] : [])] : [];
    if (!found) replace(this.body);
    else if (rows.length === 0) replace(this.body, nothing(t("figures.none")));
    else replace(this.body, this.countsTable(rows), this.phasesTable(rows));
    this.drawBehind();
  }

  private drawForm(): void {
    const today = dayOf(serverNow());
    const date = (name: "from" | "to") => {
      const made = labelled(
        t(`figures.${name}`),
        el("input", { attributes: { type: "date", name, value: this.wish[name] }, data: { testid: name } }),
      );
      made.input.addEventListener("change", () => {
        if (made.input.value !== "") void this.load({ [name]: made.input.value });
      });
      return made.row;
    };
    const by = choose(
      t("figures.by"),
      "by",
      (["unit", "category", "severity"] as const).map((one) => [one, t(`figures.by.${one}`)] as const),
      this.wish.by,
    );
    by.input.dataset.testid = "by";
    by.input.addEventListener("change", () => void this.load({ by: by.input.value }));
    const spans = SPANS.map(([name, of]) => {
      const those = of(today);
      const pressed = those.from === this.wish.from && those.to === this.wish.to;
      return button(t(`figures.${name}`), () => void this.load(those), { testid: `span-${name}`, pressed });
    });
    replace(
      this.form,
      el("div", { class: "spans" }, ...spans),
      date("from"),
      date("to"),
      by.row,
      button(t("figures.csv"), () => void this.save(), { testid: "csv" }),
    );
  }

  private nameOf(row: Row): string {
    if (row === this.found?.total) return t("figures.total");
    if (this.wish.by !== "unit") return word(this.wish.by, row.key);
    return language() === "vi" ? row.name : row.nameEn;
  }

  private countsTable(rows: readonly Row[]): HTMLElement {
    const cell = (row: Row, figure: Count): Child => {
      const value = row.counts[figure];
      if (value === 0) return "0";
      const made = button(quantity(value), () => void this.drill(row, figure), {
        kind: BAD.has(figure) ? "link bad" : "link",
        testid: `${figure}-${row === this.found?.total ? "total" : row.key}`,
      });
      made.setAttribute("aria-label", `${this.nameOf(row)}: ${t(`figure.${figure}`)} ${value}`);
      return made;
    };
    const made = section(
      t("figures.counts"),
      "counts",
      el("p", { class: "dim" }, t("figures.counts.what")),
      table(
        [
          t(`figures.by.${this.wish.by as "unit"}`),
          ...COUNTS.map((one) => t(`figure.${one}`)),
          t("figures.share"),
        ],
        rows.map((row) => [
          this.nameOf(row),
          ...COUNTS.map((one) => cell(row, one)),
          share(onTimeShare(row)),
        ]),
        t("figures.counts"),
      ),
    );
    made.classList.add("numbers");
    return made;
  }

  private phasesTable(rows: readonly Row[]): HTMLElement {
    const heads = PHASES.flatMap((one) => [`${t(`phase.${one}`)}: ${t("figures.median")}`, t("figures.p90")]);
    const made = section(
      t("figures.phases"),
      "phases",
      el("p", { class: "dim" }, t("figures.phases.what")),
      table(
        [t(`figures.by.${this.wish.by as "unit"}`), ...heads],
        rows.map((row) => [
          this.nameOf(row),
          ...PHASES.flatMap((one) => [seconds(row.phases[one].median), seconds(row.phases[one].p90)]),
        ]),
        t("figures.phases"),
      ),
    );
    made.classList.add("numbers");
    return made;
  }

  /** The tickets that a count is of; more of them after those that are shown. */
  private async drill(row: Row, figure: Count, after = ""): Promise<void> {
    const key = row === this.found?.total ? "" : row.key;
    try {
      const page = readBehind(await getJson(pathOf(this.wish, { part: "tickets", key, figure, after })));
      const before = after === "" ? [] : (this.drilled?.tickets ?? []);
      this.drilled = { row, figure, tickets: [...before, ...page.tickets], next: page.next };
      this.drawBehind();
      if (after === "") this.behind.scrollIntoView({ block: "nearest" });
    } catch (error) {
      setText(this.note, reason(error));
    }
  }

  private drawBehind(): void {
    const { drilled } = this;
    if (!drilled) {
      replace(this.behind);
      return;
    }
    const { row, figure, tickets, next } = drilled;
    const now = serverNow();
    const at = (ms: number | null) => (ms === null ? "–" : moment(ms, now));
    const name = (one: Behind): Child =>
      one.number === null
        ? t("figures.elsewhere")
        : el(
            "a",
            { attributes: { href: `/#ticket=${encodeURIComponent(one.id)}` } },
            `#${one.number} ${language() === "vi" ? one.title : one.titleEn}`,
          );
    replace(
      this.behind,
      section(
        `${this.nameOf(row)} – ${t(`figure.${figure}`)}`,
        "tickets",
        tickets.length === 0
          ? nothing(t("figures.notickets"))
          : table(
              [
                t("figures.ticket"),
                t("policy.unit"),
                t("messages.state"),
                t("policy.severity"),
                t("ticket.received"),
                t("ticket.acceptby"),
                t("ticket.accepted"),
                t("ticket.dueat"),
                t("ticket.resolved"),
              ],
              tickets.map((one) => [
                name(one),
                unitName(one.unit),
                one.state === "" ? "–" : word("tstate", one.state),
                word("severity", one.severity),
                at(one.receivedAt),
                at(one.acceptBy),
                at(one.acceptedAt),
                at(one.dueAt),
                at(one.resolvedAt),
              ]),
            ),
        next !== "" && button(t("desk.more"), () => void this.drill(row, figure, next), { testid: "more" }),
      ),
    );
  }

  private async save(): Promise<void> {
    try {
      await download(pathOf(this.wish, { part: "export" }), "ticket-figures.csv");
    } catch (error) {
      setText(
        this.note,
        error instanceof Refused && error.status === 403 ? t("figures.noexport") : reason(error),
      );
    }
  }
}

void startPage((root, session) => {
  new FiguresPage(root, session);
});
