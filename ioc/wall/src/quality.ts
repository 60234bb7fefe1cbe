import { getJson, getSession, Refused, type Session } from "./api";
import { PageHead } from "./desk/head";
import { noteLine } from "./desk/parts";
import { byId, el, replace, setText } from "./dom";
import { download } from "./download";
import { moment, setTimeZone } from "./format";
import { onLanguage, startLanguage, t } from "./i18n/language";
import { lastDays, pathOf, type Quality, qualityOf, type Wanted } from "./quality-figures";
import { cards, chart, days, severities, worst } from "./quality-view";

const SPANS = [7, 30, 90];
const TABLES = ["days", "hours", "sources"] as const;

function reason(error: unknown): string {
  if (error instanceof Refused) return error.status === 403 ? t("quality.forbidden") : error.message;
  return t("quality.failed");
}

/** The quality of alarms: the figures of a span against what the standards call manageable, by day, and the worst. */
class QualityPage {
  private wanted: Wanted = { from: "", to: "" };
  private found: Quality | null = null;
  private busy = false;
  private note = "";
  private turn = 0;
  private readonly head: PageHead;
  private readonly form = el("form", { attributes: { "aria-label": t("quality.span") } });
  private readonly message = noteLine();
  private readonly body = el("div", { class: "body" });

  constructor(
    root: HTMLElement,
    session: Session,
    private readonly today: string,
  ) {
    this.head = new PageHead(session);
    replace(root, this.head.root, this.form, this.message, this.body);
    this.form.addEventListener("submit", (event) => event.preventDefault());
    onLanguage(() => this.draw());
    let width = innerWidth;
    addEventListener("resize", () => {
      if (innerWidth === width) return;
      width = innerWidth;
      this.drawBody();
    });
  }

  async load(wanted: Wanted): Promise<void> {
    this.wanted = wanted;
    this.turn += 1;
    const turn = this.turn;
    this.busy = true;
    this.note = t("quality.loading");
    this.draw();
    try {
      const found = qualityOf(await getJson(pathOf(wanted)));
      if (turn !== this.turn) return;
      this.found = found;
      this.note = "";
    } catch (error) {
      if (turn !== this.turn) return;
      this.note = reason(error);
    }
    this.busy = false;
    this.draw();
  }

  private draw(): void {
    this.head.draw(t("quality.title"));
    this.drawForm();
    setText(this.message, this.note || this.stand());
    this.drawBody();
  }

  /** Of which time the figures are, in a sentence. */
  private stand(): string {
    const found = this.found;
    if (found?.from === null || found?.to === null || !found) return found ? t("quality.none") : "";
    const span = t("quality.stand", { from: moment(found.from, 0), to: moment(found.to, 0) });
    return found.missing > 0 ? `${span} ${t("quality.missing", { hours: found.missing })}` : span;
  }

  private drawForm(): void {
    this.form.setAttribute("aria-label", t("quality.span"));
    const active = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.testid : "";
    const date = (name: keyof Wanted) =>
      el(
        "label",
        {},
        t(`quality.${name}`),
        el("input", {
          attributes: { type: "date", name, value: this.wanted[name], max: this.today },
          data: { testid: name },
          on: {
            change: (event) => {
              const input = event.target;
              if (input instanceof HTMLInputElement && input.value) {
                void this.load({ ...this.wanted, [name]: input.value });
              }
            },
          },
        }),
      );
    const span = (days: number) => {
      const those = lastDays(this.today, days);
      const pressed = those.from === this.wanted.from && those.to === this.wanted.to;
      return el(
        "button",
        {
          class: "quiet",
          attributes: { type: "button", "aria-pressed": String(pressed) },
          data: { testid: `span-${days}` },
          on: { click: () => void this.load(those) },
        },
        t("quality.days", { days }),
      );
    };
    const save = (table: (typeof TABLES)[number]) =>
      el(
        "button",
        {
          class: "quiet",
          attributes: { type: "button" },
          data: { testid: `export-${table}` },
          on: { click: () => void this.save(table) },
        },
        t(`quality.export.${table}`),
      );
    replace(
      this.form,
      el("div", { class: "spans" }, ...SPANS.map(span)),
      date("from"),
      date("to"),
      el("div", { class: "saves" }, el("span", {}, t("quality.export")), ...TABLES.map(save)),
    );
    if (active) this.form.querySelector<HTMLElement>(`[data-testid="${active}"]`)?.focus();
  }

  private async save(table: string): Promise<void> {
    try {
      await download(pathOf(this.wanted, table), "alarm-quality.csv");
    } catch (error) {
      setText(this.message, reason(error));
    }
  }

  private drawBody(): void {
    const found = this.found;
    this.body.toggleAttribute("aria-busy", this.busy);
    if (!found) {
      replace(this.body);
      return;
    }
    const width = Math.min(this.body.clientWidth || innerWidth, 1_100) - 34;
    replace(
      this.body,
      cards(found),
      chart(found, "alarms", width),
      chart(found, "peak", width),
      severities(found),
      worst(found),
      days(found.days),
    );
  }
}

async function main(): Promise<void> {
  startLanguage();
  const session = await getSession();
  startLanguage(session.language);
  setTimeZone(session.timezone);
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: session.timezone }).format(new Date());
  await new QualityPage(byId("quality"), session, today).load(lastDays(today, SPANS[0] ?? 7));
}

void main();
