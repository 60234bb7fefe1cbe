import { label, timeAxis } from "../axes";
import { el, svg } from "../dom";
import { moment, quantity } from "../format";
import { t } from "../i18n/language";
import { SEVERITIES, type Severity } from "../model";
import { SEVERITY_COLOUR, SEVERITY_SHAPE } from "../shapes";
import type { Content } from "./card";
import { dated } from "./card";
import { columns, room } from "./columns";
import { countOf, type Hourly, totals } from "./counts";
import { stamped } from "./csv";

const HOUR = 3_600_000;
const BOX = { height: 280, left: 56, top: 34, bottom: 236 };
/** The worst is the widest and stands at the base, so that parts are told apart without their colours. */
const WIDTH: Record<Severity, number> = { extreme: 1, severe: 0.76, moderate: 0.52, minor: 0.3 };

export interface Wanted {
  where: string;
  centre: string;
  hours: readonly Hourly[];
  /** More incidents than were read: the oldest are not counted. */
  cut: boolean;
  now: number;
  width: number;
  offset: number;
}

const words = (hour: Hourly) =>
  SEVERITIES.filter((one) => hour[one] > 0)
    .map((one) => `${t(`severity.${one}`)} ${quantity(hour[one])}`)
    .join(", ");

/** Within the drawing, so that a picture of it says what is what. */
function legend(width: number): SVGElement {
  const step = Math.min(150, (width - 120) / SEVERITIES.length);
  const keys = SEVERITIES.map((one, place) => {
    const x = 76 + place * step;
    const colour = SEVERITY_COLOUR[one];
    const shape = svg("path", { d: SEVERITY_SHAPE[one], fill: colour, stroke: colour });
    return svg(
      "g",
      {},
      svg("g", { transform: `translate(${x} 6) scale(0.6)` }, shape),
      label(x + 20, 18, t(`severity.${one}`)),
    );
  });
  return svg("g", {}, ...keys);
}

/** Incidents opened per hour; null where there is no hour. */
export function countsContent(wanted: Wanted): Content | null {
  const { hours, now, width } = wanted;
  const [first, last] = [hours[0], hours.at(-1)];
  if (!first || !last) return null;
  const most = Math.max(...hours.map(countOf));
  const span = { from: first.at, to: last.at + HOUR };
  const { ticks, frame } = room({ ...BOX, width, right: width - 16 }, span, most, [], true);
  const list = hours.map((hour) => ({
    at: hour.at,
    parts: SEVERITIES.map((one) => ({ value: hour[one], kind: `of-${one}`, width: WIDTH[one] })),
    title: `${moment(hour.at, now)}: ${quantity(countOf(hour))}${countOf(hour) > 0 ? ` (${words(hour)})` : ""}`,
  }));
  const title = t("charts.counts.title", { where: wanted.where });
  const all = totals(hours);
  const busiest = hours.reduce((a, b) => (countOf(b) > countOf(a) ? b : a));
  const summary = [
    t("charts.counts.all", { count: quantity(countOf(all)), hours: hours.length }),
    countOf(all) > 0 && `${words(all)}.`,
    countOf(all) > 0 &&
      t("charts.counts.most", { count: quantity(countOf(busiest)), at: moment(busiest.at, now) }),
    wanted.cut && t("charts.counts.cut"),
  ]
    .filter((one) => one)
    .join(" ");
  const drawing = svg(
    "svg",
    { viewBox: `0 0 ${width} ${BOX.height}`, role: "img", "aria-label": `${title}. ${summary}` },
    columns(frame, list, ticks, t("charts.counts.unit")),
    timeAxis(frame, span.from, span.to),
    legend(width),
  );
  return {
    ...{ title, summary },
    under: t("charts.counts.under"),
    figure: el("figure", { class: "chart" }, drawing, el("figcaption", {}, t("charts.counts.key"))),
    table: {
      heads: [t("charts.hour"), ...SEVERITIES.map((one) => t(`severity.${one}`)), t("charts.counts.sum")],
      names: ["hour", ...SEVERITIES, "all"],
      rows: hours.map((hour) => ({
        cells: [stamped(hour.at, wanted.offset), ...SEVERITIES.map((one) => hour[one]), countOf(hour)],
        shown: [dated(hour.at), ...SEVERITIES.map((one) => quantity(hour[one])), quantity(countOf(hour))],
      })),
    },
    name: `incidents-per-hour${wanted.centre ? `-${wanted.centre}` : ""}`,
  };
}
