import { bars } from "./bars";
import { type Child, el } from "./dom";
import { quantity } from "./format";
import { type Key, locale, t, word } from "./i18n/language";
import { balanced, type Day, type Mood, type Quality, within } from "./quality-figures";

const SEVERITIES = ["minor", "moderate", "severe", "extreme"];

function percent(share: number | null): string {
  if (share === null) return "–";
  return new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 1 }).format(share);
}

function judged(mood: Mood): string {
  if (mood === "plain") return "";
  return t(mood === "good" ? "quality.within" : "quality.beyond");
}

/** 27/10, of YYYY-MM-DD. */
function shortDay(day: string): string {
  return `${day.slice(8, 10)}/${day.slice(5, 7)}`;
}

function fullDay(day: string): string {
  return `${shortDay(day)}/${day.slice(0, 4)}`;
}

export function cards(found: Quality): HTMLElement {
  const { total, targets } = found;
  const card = (key: string, value: string, mood: Mood, target = "") =>
    el(
      "div",
      { class: `card ${mood}`, data: { testid: `card-${key}` } },
      el("dt", {}, t(`quality.${key}` as Key)),
      el("dd", {}, value),
      el("dd", { class: "target" }, [judged(mood), target].filter(Boolean).join(" · ")),
    );
  const most = (value: string) => t("quality.most", { value });
  return el(
    "dl",
    { class: "cards" },
    card("mean", quantity(total.mean), within(total.mean, targets.mean), most(quantity(targets.mean))),
    card("peak", quantity(total.peak), within(total.peak, targets.peak), most(quantity(targets.peak))),
    card("flood", percent(total.flood), within(total.flood, targets.flood), most(percent(targets.flood))),
    card(
      "standing",
      quantity(total.standing),
      within(total.standing, targets.standing - 1),
      t("quality.fewer", { value: targets.standing }),
    ),
    card(
      "chattering",
      quantity(total.chattering),
      within(total.chattering, targets.chattering),
      most(quantity(targets.chattering)),
    ),
    card("flapping", quantity(total.flapping), "plain", t("quality.flapping.what")),
    card(
      "worstten",
      percent(found.worstTen),
      within(found.worstTen, targets.worstTen),
      most(percent(targets.worstTen)),
    ),
    card("acknowledged", percent(total.acknowledged), "plain", t("quality.acknowledged.what")),
    card("false", percent(total.falseAlarms), "plain", t("quality.false.what")),
    card(
      "incidents",
      quantity(total.incidents),
      "plain",
      t("quality.incidents.what", {
        mean: quantity(total.incidentsMean),
        peak: quantity(total.incidentsPeak),
      }),
    ),
    card("alarms", quantity(total.alarms), "plain", t("quality.alarms.what", { floods: total.floods })),
    card("hidden", quantity(total.hidden), "plain", t("quality.hidden.what")),
  );
}

export function chart(found: Quality, of: "alarms" | "peak", width: number): HTMLElement {
  const list = found.days.map((day) => ({
    label: shortDay(day.day),
    value: day[of],
    marked: day.floods > 0 || day.flood > 0,
    title: `${fullDay(day.day)}: ${quantity(day[of])}${day.flood > 0 ? ` · ${t("quality.inflood", { share: percent(day.flood) })}` : ""}`,
  }));
  const worst = list.reduce(
    (most, bar) => (bar.value > most.value ? bar : most),
    list[0] ?? { title: "–", value: 0 },
  );
  const limit = of === "peak" ? { value: found.targets.peak, label: t("quality.limit") } : null;
  return el(
    "figure",
    { class: "chart", data: { testid: `chart-${of}` } },
    el("figcaption", {}, t(`quality.chart.${of}`)),
    list.length > 0
      ? bars(
          list,
          width,
          t("quality.describe", { what: t(`quality.chart.${of}`), days: list.length, worst: worst.title }),
          limit,
        )
      : el("p", { class: "dim" }, t("quality.none")),
    list.some((bar) => bar.marked) && el("p", { class: "legend" }, t("quality.legend")),
  );
}

export function severities(found: Quality): HTMLElement | null {
  const { total, targets } = found;
  const shares = total.severities;
  if (shares === null) return null;
  const mood = balanced(shares, targets.severities);
  const bound = (place: number) =>
    t(place === 0 ? "quality.least" : "quality.most", { value: percent(targets.severities[place] ?? 0) });
  return section(
    "severities",
    el("p", { class: "dim" }, judged(mood)),
    table(
      ["quality.severity", "quality.share", "quality.target"],
      SEVERITIES.map((name, place) => [word("severity", name), percent(shares[place] ?? 0), bound(place)]),
    ),
  );
}

export function worst(found: Quality): HTMLElement {
  if (found.worst.length === 0) return section("worst", el("p", { class: "dim" }, t("quality.none")));
  const rows = found.worst.map((one): Child[] => [
    el("span", {}, one.name, el("small", {}, ` ${one.source}`)),
    word("quality.kind", one.kind),
    quantity(one.alarms),
    percent(one.share),
    quantity(one.chattering),
    quantity(one.flapping),
  ]);
  return section(
    "worst",
    table(
      [
        "quality.source",
        "quality.kind",
        "quality.alarms",
        "quality.share",
        "quality.chattering",
        "quality.flapping",
      ],
      rows,
    ),
  );
}

export function days(days: Day[]): HTMLElement {
  const rows = [...days]
    .reverse()
    .map((day): Child[] => [
      fullDay(day.day),
      quantity(day.alarms),
      quantity(day.incidents),
      quantity(day.mean),
      quantity(day.peak),
      percent(day.flood),
      percent(day.acknowledged),
      percent(day.falseAlarms),
      quantity(day.standingMost),
    ]);
  return section(
    "byday",
    table(
      [
        "quality.day",
        "quality.alarms",
        "quality.incidents",
        "quality.mean",
        "quality.peak",
        "quality.flood",
        "quality.acknowledged",
        "quality.false",
        "quality.standing",
      ],
      rows,
    ),
  );
}

function section(name: "severities" | "worst" | "byday", ...children: Child[]): HTMLElement {
  return el("section", { data: { testid: name } }, el("h2", {}, t(`quality.${name}`)), ...children);
}

function table(columns: Key[], rows: Child[][]): HTMLElement {
  return el(
    "div",
    { class: "scroll", attributes: { tabindex: "0", role: "group" } },
    el(
      "table",
      {},
      el(
        "thead",
        {},
        el("tr", {}, ...columns.map((key) => el("th", { attributes: { scope: "col" } }, t(key)))),
      ),
      el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((cell) => el("td", {}, cell))))),
    ),
  );
}
