import { type Frame, label, limitLines, timeAxis, valueAxis } from "../axes";
import { el, svg } from "../dom";
import { measured, moment } from "../format";
import { t } from "../i18n/language";
import type { Content } from "./card";
import { dated } from "./card";
import { type Column, columns, near, room } from "./columns";
import { stamped } from "./csv";
import { type Hour, type RainLimits, type Running, running } from "./rain";

const HOUR = 3_600_000;
const DAY_HOURS = 24;
const SIDES = { left: 56, right: 16 };
const UPPER = { top: 34, bottom: 190 };
const LOWER = { top: 242, bottom: 396 };
const HEIGHT = 440;
const UNIT = "mm";

export interface Wanted {
  name: string;
  device: string;
  /** Of the gauge that the page is about; empty: it is this one. */
  near: string;
  hours: readonly Hour[];
  limits: RainLimits;
  from: number;
  to: number;
  now: number;
  width: number;
  offset: number;
}

const amount = (value: number) => measured(value, UNIT, "rain_sum");

function sums(frame: Frame, list: readonly Running[]): SVGElement {
  // What a sum is between two hours nobody has measured: a step for each hour.
  let last: Running | null = null;
  const path = list.map((one) => {
    const joined = last !== null && one.at - last.at <= HOUR;
    last = one;
    const y = frame.y(one.sum).toFixed(1);
    return `${joined ? "L" : "M"}${frame.x(one.at).toFixed(1)} ${y}L${frame.x(one.at + HOUR).toFixed(1)} ${y}`;
  });
  return svg("path", { d: path.join(""), class: "line sums" });
}

/** Rain by the hour above, what came in 24 hours below, each with its limits; null where none is known. */
export function rainContent(wanted: Wanted): Content | null {
  const { from, to, now } = wanted;
  const daily = running(wanted.hours, DAY_HOURS).filter((one) => one.at + HOUR > from && one.at < to);
  const hours = wanted.hours.filter((one) => one.at + HOUR > from && one.at < to);
  if (hours.length === 0) return null;
  const most = Math.max(...hours.map((one) => one.amount));
  const mostSum = Math.max(...daily.map((one) => one.sum));
  const hourly = near(wanted.limits[1] ?? [], most);
  const byDay = near(wanted.limits[DAY_HOURS] ?? [], mostSum);
  const box = (part: typeof UPPER) => ({
    ...{ width: wanted.width, height: HEIGHT, left: SIDES.left, right: wanted.width - SIDES.right },
    ...part,
  });
  const upper = room(box(UPPER), wanted, most, hourly, false);
  const lower = room(box(LOWER), wanted, mostSum, byDay, false);
  const list: Column[] = hours.map((hour) => {
    const passed = (wanted.limits[1] ?? []).filter((limit) => limit.value <= hour.amount).at(-1);
    const kind = passed && !hour.spread ? `of-${passed.severity}` : hour.spread ? "rain spread" : "rain";
    const note = hour.spread ? ` · ${t("charts.rain.spread")}` : "";
    return {
      at: hour.at,
      parts: [{ value: hour.amount, kind, width: 1 }],
      title: `${moment(hour.at, now)}: ${amount(hour.amount)}${note}`,
    };
  });
  const title = t(wanted.near ? "charts.rain.near" : "charts.rain.title", {
    name: wanted.name,
    near: wanted.near,
  });
  const summary = summaryOf(wanted, hours, daily);
  const drawing = svg(
    "svg",
    { viewBox: `0 0 ${wanted.width} ${HEIGHT}`, role: "img", "aria-label": `${title}. ${summary}` },
    columns(upper.frame, list, upper.ticks, UNIT),
    label(upper.frame.right, UPPER.top - 14, t("charts.rain.hourly"), { "text-anchor": "end" }),
    limitLines(upper.frame, hourly, UNIT, "rain_sum"),
    valueAxis(lower.frame, lower.ticks, UNIT),
    label(lower.frame.right, LOWER.top - 14, t("charts.rain.daily"), { "text-anchor": "end" }),
    sums(lower.frame, daily),
    limitLines(lower.frame, byDay, UNIT, "rain_sum"),
    timeAxis(lower.frame, from, to),
  );
  return {
    ...{ title, summary },
    under: `${t("charts.rain.under")}, ${UNIT}`,
    figure: el(
      "figure",
      { class: "chart" },
      drawing,
      el(
        "figcaption",
        {},
        hours.some((hour) => hour.spread) && el("span", { class: "key spread" }, t("charts.rain.spreadkey")),
        el("span", {}, t("charts.rain.gap")),
      ),
    ),
    table: tableOf(hours, daily, wanted.offset),
    name: `${wanted.device}-rain`,
  };
}

function tableOf(hours: readonly Hour[], daily: readonly Running[], offset: number): Content["table"] {
  const sumOf = new Map(daily.map((one) => [one.at, one]));
  return {
    heads: [t("charts.hour"), t("charts.rain.hourly"), t("charts.rain.daily"), t("charts.rain.known")],
    names: ["hour", "rain_mm", "rain_24h_mm", "hours_known", "spread"],
    rows: hours.map((hour) => {
      const sum = sumOf.get(hour.at);
      return {
        cells: [
          stamped(hour.at, offset),
          hour.amount,
          sum?.sum ?? null,
          sum?.known ?? null,
          hour.spread ? "true" : "false",
        ],
        shown: [dated(hour.at), amount(hour.amount), amount(sum?.sum ?? 0), String(sum?.known ?? "")],
      };
    }),
  };
}

function summaryOf(wanted: Wanted, hours: readonly Hour[], daily: readonly Running[]): string {
  const worst = hours.reduce((a, b) => (b.amount > a.amount ? b : a));
  const day = daily.reduce((a, b) => (b.sum > a.sum ? b : a));
  const passed = (wanted.limits[DAY_HOURS] ?? []).filter((limit) => limit.value <= day.sum).at(-1);
  const three = running(hours, 3).reduce((a, b) => (b.sum > a.sum ? b : a));
  const words = [
    t("charts.rain.most", { value: amount(worst.amount), at: moment(worst.at, wanted.now) }),
    t("charts.rain.most3", { value: amount(three.sum), at: moment(three.at + HOUR, wanted.now) }),
    t("charts.rain.most24", { value: amount(day.sum), at: moment(day.at + HOUR, wanted.now) }),
    passed &&
      t("charts.rain.passed", { level: t(`severity.${passed.severity}`), value: amount(passed.value) }),
  ];
  return words.filter((one) => one).join(" ");
}
