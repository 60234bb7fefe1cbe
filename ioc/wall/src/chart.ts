import { type Frame, frameIn, limitLines, timeAxis, valueAxis } from "./axes";
import { el, setText, svg } from "./dom";
import { measured, moment } from "./format";
import { t, word } from "./i18n/language";
import { pieces, type Series, type Silence, silences, type Timeline, timeline } from "./readings";
import { extent, niceTicks } from "./scale";

type Point = Timeline["points"][number];

const MARGIN = { top: 30, right: 16, bottom: 44, left: 56 };
const HEIGHT = 320;
/** Sums over a period stand on the ground as bars; a line between them would say nothing true. */
const SUMS = new Set(["rain_sum"]);

/** What a chart may show beside the readings: a span of time of its own, and what is drawn over it. */
export interface More {
  /** Milliseconds since the epoch; without them, from the first to the last reading. */
  from?: number;
  to?: number;
  /** Room above the readings, in pixels. */
  above?: number;
  /** What lies behind the readings, such as incidents. */
  behind?: (frame: Frame) => SVGElement;
  /** More keys of the legend. */
  keys?: HTMLElement[];
}

function frameOf(
  points: Point[],
  series: Series,
  width: number,
  span: { from: number; to: number; above: number },
) {
  const [lowest, highest] = extent(
    points,
    series.levels.map((level) => level.value),
  );
  const ticks = niceTicks(SUMS.has(series.property) ? 0 : lowest, highest, 5);
  const box = {
    ...{ width, height: HEIGHT + span.above, left: MARGIN.left, right: width - MARGIN.right },
    ...{ top: MARGIN.top + span.above, bottom: HEIGHT + span.above - MARGIN.bottom },
  };
  return { ticks, frame: frameIn(box, span.from, span.to, ticks) };
}

function dot(frame: Frame, point: Point, radius: number): SVGElement {
  const [cx, cy] = [frame.x(point.t), frame.y(point.value)];
  if (point.quality !== "good") {
    const d = `M${cx - 4} ${cy - 4}L${cx + 4} ${cy + 4}M${cx + 4} ${cy - 4}L${cx - 4} ${cy + 4}`;
    return svg("path", { d, class: "doubtful" });
  }
  return svg("circle", { cx, cy, r: radius, class: point.derived ? "derived" : "measured" });
}

/** From the lowest to the highest of each hour or day. */
function band(frame: Frame, points: Point[]): SVGElement | null {
  if (points.length < 2) return null;
  const corner = (point: Point, end: 0 | 1) =>
    `${frame.x(point.t).toFixed(1)} ${frame.y(point.range?.[end] ?? point.value).toFixed(1)}`;
  const there = points.map((point) => corner(point, 1));
  const back = points.map((point) => corner(point, 0)).reverse();
  return svg("path", { d: `M${[...there, ...back].join("L")}Z`, class: "band" });
}

function marks(frame: Frame, series: Series, points: Point[], parts: Point[][]): SVGElement {
  const radius = points.length > 160 ? 2 : points.length > 60 ? 3 : 4.5;
  const dots = points.map((point) => dot(frame, point, radius));
  if (SUMS.has(series.property)) {
    const stems = parts.flat().map((p) => {
      const x = frame.x(p.t);
      return svg("line", { x1: x, x2: x, y1: frame.bottom, y2: frame.y(p.value), class: "stem" });
    });
    return svg("g", {}, ...stems, ...dots);
  }
  const path = parts.map((part) =>
    part
      .map((p, i) => `${i === 0 ? "M" : "L"}${frame.x(p.t).toFixed(1)} ${frame.y(p.value).toFixed(1)}`)
      .join(""),
  );
  return svg("g", {}, svg("path", { d: path.join(""), class: "line" }), ...dots);
}

function quiet(frame: Frame, silent: readonly Silence[]): SVGElement {
  const bands = silent.map(({ from, to }) =>
    svg("rect", {
      x: frame.x(from),
      y: frame.top,
      width: Math.max(1, frame.x(to) - frame.x(from)),
      height: frame.bottom - frame.top,
      class: "silence",
    }),
  );
  return svg("g", { class: "silences" }, ...bands);
}

function legend(points: Point[], axis: Timeline["axis"], silent: boolean, more: HTMLElement[]): HTMLElement {
  const has = (test: (point: Point) => boolean) => points.some(test);
  return el(
    "figcaption",
    {},
    has((p) => p.range !== null) && el("span", { class: "key measured" }, t("chart.mean")),
    has((p) => p.range === null && !p.derived && p.quality === "good") &&
      el("span", { class: "key measured" }, t("chart.measured")),
    has((p) => p.derived && p.quality === "good") && el("span", { class: "key derived" }, t("chart.derived")),
    has((p) => p.quality !== "good") && el("span", { class: "key doubtful" }, t("chart.doubtful")),
    silent && el("span", { class: "key silence" }, t("chart.silence")),
    ...more,
    el("span", { class: "zone" }, t(axis === "recorded" ? "chart.axis.recorded" : "chart.axis.at")),
  );
}

function nearest(points: Point[], frame: Frame, x: number): Point | undefined {
  let best: Point | undefined;
  for (const point of points) {
    if (!best || Math.abs(frame.x(point.t) - x) < Math.abs(frame.x(best.t) - x)) best = point;
  }
  return best;
}

function describe(point: Point, series: Series, now: number): string {
  const parts = [measured(point.value, series.unit, series.property), moment(point.t, now)];
  if (point.derived) parts.push(t("chart.derived"));
  if (point.quality !== "good") parts.push(word("quality", point.quality));
  return parts.join(" · ");
}

/**
 * The readings of one property over time with its official levels as labelled lines.
 *
 * @param width pixels that the drawing may take
 */
export function chart(
  series: Series,
  replayed: boolean,
  width: number,
  now: number,
  more: More = {},
): HTMLElement {
  const { axis, points } = timeline(series.readings, replayed);
  const property = word("property", series.property);
  const newest = points.at(-1);
  const root = el("figure", { class: "chart", data: { testid: "chart" } });
  if (!newest) {
    root.append(el("p", { class: "note" }, t("chart.empty")));
    return root;
  }
  const { from = points[0]?.t ?? 0, to = newest.t, above = 0 } = more;
  const { frame, ticks } = frameOf(points, series, width, { from, to, above });
  const parts = pieces(points, axis, series.intervalMs);
  const silent = more.from === undefined ? [] : silences(parts, from, to, axis, series.intervalMs);
  const readout = el("span", { class: "readout" }, describe(newest, series, now));
  const cursor = svg("circle", { r: 7, class: "cursor", cx: frame.x(newest.t), cy: frame.y(newest.value) });
  const drawing = svg(
    "svg",
    {
      viewBox: `0 0 ${frame.width} ${frame.height}`,
      // What can be opened within an image would be hidden from who does not see it.
      role: more.behind ? "group" : "img",
      "aria-label": t("chart.describe", {
        name: series.name,
        property,
        count: points.length,
        value: measured(newest.value, series.unit, series.property),
        at: moment(newest.t, now),
      }),
    },
    quiet(frame, silent),
    more.behind?.(frame),
    valueAxis(frame, ticks, series.unit),
    timeAxis(frame, from, to),
    ...parts.map((part) =>
      band(
        frame,
        part.filter((point) => point.range !== null),
      ),
    ),
    marks(frame, series, points, parts),
    limitLines(frame, series.levels, series.unit, series.property),
    cursor,
  );
  const show = (point: Point) => {
    cursor.setAttribute("cx", String(frame.x(point.t)));
    cursor.setAttribute("cy", String(frame.y(point.value)));
    setText(readout, describe(point, series, now));
  };
  drawing.addEventListener("pointermove", (event) => {
    const box = drawing.getBoundingClientRect();
    const point = nearest(points, frame, ((event.clientX - box.left) / box.width) * frame.width);
    if (point) show(point);
  });
  drawing.addEventListener("pointerleave", () => show(newest));
  root.append(
    el("div", { class: "charthead" }, el("b", {}, `${property} — ${series.name}`), readout),
    drawing,
    legend(points, axis, silent.length > 0, more.keys ?? []),
  );
  return root;
}
