import { bars } from "../bars";
import { serverNow } from "../clock";
import { type Child, el, replace, setText } from "../dom";
import { duration, measured, moment, quantity, zoneOffset } from "../format";
import { language, t } from "../i18n/language";
import type { Json } from "../model";
import { reason, sendJson } from "../people/send";
import { severityIcon } from "../shapes";
import { labelled, Told } from "../work/sheet";
import { daysOf, type Outcome, type Rule, type Tested, testedOf } from "./rule";

const MOST_DAYS = 31;
const DAY_MS = 86_400_000;
const SHOWN = 50;
/** The server takes no moment that is to come by its own clock. */
const LAG_MS = 2_000;

/** The day of a moment in the centre's zone. */
const dayOf = (ms: number) => new Date(ms + zoneOffset(ms)).toISOString().slice(0, 10);

/** When a day begins in the centre's zone. */
function midnight(day: string): number {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return ms - zoneOffset(ms);
}

/** Tries a rule on what is stored: how many incidents it would have made, which, and what the version in force makes. */
export class Trial {
  private readonly message = el("p", {
    class: "note",
    attributes: { role: "status" },
    data: { testid: "trial-note" },
  });
  private readonly result = el("div", { class: "trialresult", data: { testid: "trial" } });
  private readonly button = el("button", { class: "primary", attributes: { type: "submit" } });
  readonly root: HTMLElement;

  /** @param body the rule as it is typed now, null for the newest version; throws Told when it cannot be read */
  constructor(
    private readonly rule: Rule,
    private readonly body: () => Json | null,
    now: number,
    private readonly width: () => number,
  ) {
    this.button.textContent = t("trial.run");
    this.button.dataset.testid = "trial-run";
    const input = (name: string, value: string) =>
      el("input", { attributes: { type: "date", name, value, max: dayOf(now), required: "" } });
    const from = labelled(t("quality.from"), input("from", dayOf(now - (MOST_DAYS - 1) * DAY_MS)));
    const to = labelled(t("quality.to"), input("to", dayOf(now)));
    const form = el("form", { class: "inlineform" }, from.row, to.row, this.button);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const begin = new Date(midnight(from.input.value));
      const end = new Date(Math.min(midnight(to.input.value) + DAY_MS, serverNow() - LAG_MS));
      void this.run(begin, end);
    });
    this.root = el(
      "section",
      { class: "card" },
      el("h2", {}, t("trial.title")),
      el("p", { class: "dim" }, t("trial.what", { days: MOST_DAYS })),
      form,
      this.message,
      this.result,
    );
  }

  private async run(from: Date, to: Date): Promise<void> {
    this.button.disabled = true;
    setText(this.message, t("trial.running"));
    try {
      const least = new Date(to.getTime() - MOST_DAYS * DAY_MS);
      const body = this.body();
      const asked: Json = {
        pack: this.rule.pack,
        code: this.rule.code,
        from: (from < least ? least : from).toISOString(),
        to: to.toISOString(),
        ...(body ? { rule: body } : {}),
      };
      const tested = testedOf(await sendJson("POST", "/api/v1/rules/test", asked));
      setText(this.message, "");
      if (tested) this.draw(tested);
    } catch (error) {
      setText(this.message, error instanceof Told ? error.message : reason(error));
    } finally {
      this.button.disabled = false;
    }
  }

  private draw(tested: Tested): void {
    const { after, before } = tested;
    const span = [tested.from, tested.through].map((at) => (at === null ? "" : moment(at, 0)));
    replace(
      this.result,
      el(
        "p",
        { class: "verdict" },
        t("trial.verdict", { incidents: after.incidents, alarms: after.alarms, sources: after.sources }),
      ),
      before && el("p", {}, t("trial.before", { incidents: before.incidents, alarms: before.alarms })),
      !before && el("p", { class: "dim" }, t("trial.nobefore")),
      el(
        "p",
        { class: "dim" },
        t("trial.judged", {
          values: quantity(tested.values),
          from: span[0] ?? "",
          to: span[1] ?? "",
          seconds: quantity(Math.round(tested.tookMs / 100) / 10),
        }),
      ),
      tested.stopped !== "" && el("p", { class: "message" }, t("trial.stopped")),
      ...this.charts(tested),
      this.table(after),
    );
  }

  private charts(tested: Tested): Child[] {
    const days = daysOf(tested, dayOf);
    if (days.length === 0) return [];
    const chart = (key: "trial.chart.after" | "trial.chart.before", of: "after" | "before") =>
      el(
        "figure",
        { class: "chart", data: { testid: `trial-${of}` } },
        el("figcaption", {}, t(key)),
        bars(
          days.map(({ day, ...counts }) => ({
            label: `${day.slice(8)}/${day.slice(5, 7)}`,
            value: counts[of] ?? 0,
            marked: counts.before !== null && counts.after > counts.before && of === "after",
            title: `${day}: ${counts[of] ?? 0}`,
          })),
          this.width(),
          t("trial.describe", { what: t(key), days: days.length }),
        ),
      );
    return [
      chart("trial.chart.after", "after"),
      tested.before !== null && chart("trial.chart.before", "before"),
    ];
  }

  private table(outcome: Outcome): HTMLElement {
    if (outcome.listed.length === 0) return el("p", { class: "note" }, t("trial.none"));
    const heads = ["trial.at", "trial.incident", "trial.value", "trial.lasted", "trial.alarms"] as const;
    const rows = outcome.listed
      .slice(0, SHOWN)
      .map((one) =>
        el(
          "tr",
          {},
          el("td", {}, one.at === null ? "" : moment(one.at, 0)),
          el(
            "td",
            { class: "titled" },
            severityIcon(one.severity),
            el(
              "span",
              {},
              language() === "vi" ? one.title : one.titleEn,
              el("small", {}, ` ${one.sourceName}`),
            ),
          ),
          el("td", {}, figures(one.value, one.limit, one.property)),
          el(
            "td",
            {},
            one.at === null || one.endedAt === null ? t("alarm.open") : duration(one.endedAt - one.at),
          ),
          el("td", {}, quantity(one.alarms)),
        ),
      );
    return el(
      "div",
      { class: "scroll" },
      el(
        "table",
        { data: { testid: "trial-list" } },
        el(
          "thead",
          {},
          el("tr", {}, ...heads.map((key) => el("th", { attributes: { scope: "col" } }, t(key)))),
        ),
        el("tbody", {}, ...rows),
      ),
      outcome.incidents > rows.length && el("p", { class: "dim" }, t("trial.first", { count: rows.length })),
    );
  }
}

function figures(value: number | null, limit: number | null, property: string): string {
  if (value === null) return "–";
  const shown = measured(value, "", property);
  return limit === null ? shown : `${shown} (${t("alarm.limit")} ${measured(limit, "", property)})`;
}
