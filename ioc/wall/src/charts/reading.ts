import { type Frame, limitName } from "../axes";
import { chart } from "../chart";
import { el, svg } from "../dom";
import { measured, moment } from "../format";
import { language, t, word } from "../i18n/language";
import { type Series, timeline } from "../readings";
import { SEVERITY_COLOUR, SEVERITY_SHAPE, severityIcon } from "../shapes";
import type { Content, Table } from "./card";
import { dated } from "./card";
import { stamped } from "./csv";
import { placed, type Span } from "./spans";

const LANE = 20;
const MOST_LANES = 5;
const MARK = 14;

const titleOf = (span: Span) => (language() === "vi" ? span.title : span.titleEn);
const pathTo = (span: Span) => `/#incident=${encodeURIComponent(span.id)}`;

/** Each span in the first lane that is free; what finds none shares the last. */
export function lanesOf(spans: readonly { from: number; to: number }[], gap: number): number[] {
  const ends: number[] = [];
  return spans.map(({ from, to }) => {
    const free = ends.findIndex((end) => end + gap <= from);
    const lane = free >= 0 ? free : Math.min(ends.length, MOST_LANES - 1);
    ends[lane] = Math.max(ends[lane] ?? to, to);
    return lane;
  });
}

interface Drawn {
  span: Span;
  from: number;
  to: number;
  lane: number;
}

function mark(frame: Frame, one: Drawn, words: string): SVGElement {
  const colour = SEVERITY_COLOUR[one.span.severity];
  const [x, end] = [frame.x(one.from), Math.max(frame.x(one.from) + 2, frame.x(one.to))];
  const y = frame.top - 12 - (one.lane + 1) * LANE;
  const size = MARK / 24;
  return svg(
    "a",
    { href: pathTo(one.span), class: "span", "aria-label": words, "data-incident": one.span.id },
    svg("title", {}, words),
    svg("rect", { x, y: frame.top, width: end - x, height: frame.bottom - frame.top, class: "behind" }),
    svg("rect", { x, y: y + 4, width: end - x, height: MARK - 8, fill: colour, class: "lasting" }),
    svg(
      "g",
      { transform: `translate(${x - MARK / 2} ${y}) scale(${size})` },
      svg("path", {
        d: SEVERITY_SHAPE[one.span.severity],
        fill: one.span.to === null ? colour : "none",
        stroke: colour,
        "stroke-width": 2.5,
      }),
    ),
  );
}

function spanWords(span: Span, now: number): string {
  const until = span.to === null ? t("charts.goeson") : moment(span.to, now);
  return `${t(`severity.${span.severity}`)} · ${titleOf(span)} · ${moment(span.from, now)} – ${until}`;
}

function spanList(spans: readonly Span[], now: number): HTMLElement | null {
  if (spans.length === 0) return null;
  const rows = spans.map((span) =>
    el(
      "li",
      {},
      severityIcon(span.severity, span.to === null),
      el("a", { attributes: { href: pathTo(span) } }, titleOf(span)),
      el(
        "span",
        { class: "dim" },
        ` ${moment(span.from, now)} – ${span.to === null ? t("charts.goeson") : moment(span.to, now)}`,
      ),
    ),
  );
  return el("ul", { class: "incidents", data: { testid: "incidents" } }, ...rows);
}

function tableOf(series: Series, points: ReturnType<typeof timeline>["points"], offset: number): Table {
  const ranged = points.some((point) => point.range !== null);
  const more = ranged ? [t("charts.low"), t("charts.high")] : [];
  return {
    heads: [
      t("charts.time"),
      `${word("property", series.property)} (${series.unit})`,
      ...more,
      t("charts.quality"),
    ],
    names: [
      "at",
      `${series.property}_${series.unit}`,
      ...(ranged ? ["low", "high"] : []),
      "quality",
      "derived",
    ],
    rows: points.map((point) => {
      const [low, high] = point.range ?? [null, null];
      const number = (value: number | null) => (value === null ? "" : measured(value, "", series.property));
      const kind = point.derived
        ? `${word("quality", point.quality)} · ${t("chart.derived")}`
        : word("quality", point.quality);
      return {
        cells: [
          stamped(point.t, offset),
          point.value,
          ...(ranged ? [low, high] : []),
          point.quality,
          point.derived ? "true" : "false",
        ],
        shown: [dated(point.t), number(point.value), ...(ranged ? [number(low), number(high)] : []), kind],
      };
    }),
  };
}

/** What is asked of the drawing of readings. */
export interface Wanted {
  series: Series;
  spans: readonly Span[];
  replayed: boolean;
  width: number;
  now: number;
  /** How far back it goes, in milliseconds. */
  back: number;
  offset: number;
  device: string;
}

/** Readings with their limits and with the incidents that they raised; null where there are none. */
export function readingContent(wanted: Wanted): Content | null {
  const { series, now, spans } = wanted;
  const { axis, points } = timeline(series.readings, wanted.replayed);
  const newest = points.at(-1);
  if (!newest) return null;
  const live = axis === "at";
  const from = live ? now - wanted.back : (points[0]?.t ?? newest.t);
  const to = live ? now : newest.t;
  const moments = spans.map((span) => {
    const place = (at: number) => (live ? at : placed(points, at));
    return { span, from: Math.max(from, place(span.from)), to: Math.min(to, place(span.to ?? now)) };
  });
  const inside = moments.filter((one) => one.to >= from && one.from <= to);
  const lanes = lanesOf(inside, ((to - from) / wanted.width) * MARK);
  const drawn: Drawn[] = inside.map((one, place) => ({ ...one, lane: lanes[place] ?? 0 }));
  const above = lanes.length === 0 ? 0 : (Math.max(...lanes) + 1) * LANE;
  const figure = chart(series, wanted.replayed, wanted.width, now, {
    ...{ from, to, above },
    behind: (frame) => svg("g", {}, ...drawn.map((one) => mark(frame, one, spanWords(one.span, now)))),
  });
  const list = spanList(
    drawn.map((one) => one.span),
    now,
  );
  const property = word("property", series.property);
  return {
    title: `${property} — ${series.name}`,
    under: `${property}, ${series.unit}${live ? "" : ` · ${t("chart.axis.recorded")}`}`,
    summary: summaryOf(series, points, drawn.length, now),
    figure: el("div", {}, figure, list),
    table: tableOf(series, points, wanted.offset),
    name: `${wanted.device}-${series.property}`,
  };
}

function summaryOf(
  series: Series,
  points: ReturnType<typeof timeline>["points"],
  incidents: number,
  now: number,
): string {
  const good = points.filter((point) => point.quality === "good");
  const of = (value: number) => measured(value, series.unit, series.property);
  const highest = good.reduce(
    (a, b) => ((b.range?.[1] ?? b.value) > (a.range?.[1] ?? a.value) ? b : a),
    good[0] ?? { value: 0, range: null, t: 0 },
  );
  const newest = points.at(-1);
  const value = highest.range?.[1] ?? highest.value;
  const passed = series.levels.filter((level) => level.value <= value).at(-1);
  const words = [
    t("charts.reading.newest", { value: of(newest?.value ?? 0), at: moment(newest?.t ?? 0, now) }),
    good.length > 0 && t("charts.reading.highest", { value: of(value), at: moment(highest.t, now) }),
    passed &&
      t("charts.reading.passed", {
        level: limitName(passed.severity, series.property),
        value: of(passed.value),
      }),
    incidents > 0 && t("charts.reading.incidents", { count: incidents }),
    points.length > good.length && t("charts.reading.doubtful", { count: points.length - good.length }),
  ];
  return words.filter((one) => one).join(" ");
}
