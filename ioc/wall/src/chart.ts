import { el, setText, svg } from "./dom";
import { clockTime, dayMonth, fixed, hourMinute, measured, moment, zoneOffset } from "./format";
import { t, word } from "./i18n/language";
import { type Series, type Timeline, timeline } from "./readings";
import { extent, niceTicks, timeTicks } from "./scale";
import { SEVERITY_COLOUR } from "./shapes";

type Point = Timeline["points"][number];

interface Frame {
  width: number;
  height: number;
  x: (t: number) => number;
  y: (value: number) => number;
  left: number;
  bottom: number;
  top: number;
  right: number;
}

const MARGIN = { top: 30, right: 16, bottom: 44, left: 56 };
const HEIGHT = 320;
/** Sums over a period stand on the ground as bars; a line between them would say nothing true. */
const SUMS = new Set(["rain_sum"]);

function frameOf(points: Point[], series: Series, width: number): { frame: Frame; ticks: number[] } {
  const [lowest, highest] = extent(
    points,
    series.levels.map((level) => level.value),
  );
  const ticks = niceTicks(SUMS.has(series.property) ? 0 : lowest, highest, 5);
  const [min, max] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const first = points[0]?.t ?? 0;
  const last = points.at(-1)?.t ?? 1;
  const span = Math.max(last - first, 60_000);
  const [left, right] = [MARGIN.left, width - MARGIN.right];
  const [top, bottom] = [MARGIN.top, HEIGHT - MARGIN.bottom];
  return {
    ticks,
    frame: {
      width,
      height: HEIGHT,
      left,
      right,
      top,
      bottom,
      x: (time) => left + ((time - first) / span) * (right - left),
      y: (value) => bottom - ((Math.min(max, Math.max(min, value)) - min) / (max - min)) * (bottom - top),
    },
  };
}

function label(x: number, y: number, content: string, attributes: Record<string, string> = {}): SVGElement {
  return svg("text", { x, y, class: "axis", ...attributes }, content);
}

function valueAxis(frame: Frame, ticks: number[], unit: string): SVGElement {
  const decimals = ticks.some((tick) => !Number.isInteger(tick)) ? 1 : 0;
  const lines = ticks.map((tick) => {
    const y = frame.y(tick);
    return svg(
      "g",
      {},
      svg("line", { x1: frame.left, x2: frame.right, y1: y, y2: y, class: "grid" }),
      label(frame.left - 8, y + 5, fixed(tick, decimals), { "text-anchor": "end" }),
    );
  });
  return svg("g", {}, ...lines, label(frame.left - 8, frame.top - 14, unit, { "text-anchor": "end" }));
}

function timeAxis(frame: Frame, points: Point[]): SVGElement {
  const [first, last] = [points[0]?.t ?? 0, points.at(-1)?.t ?? 0];
  const ticks = timeTicks(
    first,
    last,
    Math.max(2, Math.floor((frame.right - frame.left) / 90)),
    zoneOffset(first),
  );
  const write = ticks.some((tick) => tick % 60_000 !== 0) ? clockTime : hourMinute;
  let day = "";
  const marks = ticks.map((tick) => {
    const x = frame.x(tick);
    const today = dayMonth(tick);
    const newDay = today !== day;
    day = today;
    return svg(
      "g",
      {},
      svg("line", { x1: x, x2: x, y1: frame.bottom, y2: frame.bottom + 5, class: "tick" }),
      label(x, frame.bottom + 20, write(tick), { "text-anchor": "middle" }),
      newDay && label(x, frame.bottom + 38, today, { "text-anchor": "middle" }),
    );
  });
  return svg("g", {}, ...marks);
}

function levelLines(frame: Frame, series: Series): SVGElement {
  const lines = series.levels.map(({ severity, value }) => {
    const y = frame.y(value);
    const name = series.property === "water_level" ? word("level", severity) : t(`severity.${severity}`);
    const colour = SEVERITY_COLOUR[severity];
    return svg(
      "g",
      { class: "level", "data-level": severity },
      svg("line", {
        x1: frame.left,
        x2: frame.right,
        y1: y,
        y2: y,
        stroke: colour,
        "stroke-dasharray": "7 5",
      }),
      label(frame.left + 6, y - 5, `${name} · ${measured(value, series.unit, series.property)}`, {
        fill: colour,
      }),
    );
  });
  return svg("g", {}, ...lines);
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
  const ranged = points.filter((point) => point.range !== null);
  if (ranged.length < 2) return null;
  const corner = (point: Point, end: 0 | 1) =>
    `${frame.x(point.t).toFixed(1)} ${frame.y(point.range?.[end] ?? point.value).toFixed(1)}`;
  const there = ranged.map((point) => corner(point, 1));
  const back = ranged.map((point) => corner(point, 0)).reverse();
  return svg("path", { d: `M${[...there, ...back].join("L")}Z`, class: "band" });
}

function marks(frame: Frame, series: Series, points: Point[]): SVGElement {
  const sound = points.filter((point) => point.quality === "good");
  const radius = points.length > 160 ? 2 : points.length > 60 ? 3 : 4.5;
  const dots = points.map((point) => dot(frame, point, radius));
  if (SUMS.has(series.property)) {
    const stems = sound.map((p) => {
      const x = frame.x(p.t);
      return svg("line", { x1: x, x2: x, y1: frame.bottom, y2: frame.y(p.value), class: "stem" });
    });
    return svg("g", {}, ...stems, ...dots);
  }
  const path = sound.map(
    (p, i) => `${i === 0 ? "M" : "L"}${frame.x(p.t).toFixed(1)} ${frame.y(p.value).toFixed(1)}`,
  );
  return svg("g", {}, svg("path", { d: path.join(""), class: "line" }), ...dots);
}

function legend(points: Point[], axis: Timeline["axis"]): HTMLElement {
  const has = (test: (point: Point) => boolean) => points.some(test);
  return el(
    "figcaption",
    {},
    has((p) => p.range !== null) && el("span", { class: "key measured" }, t("chart.mean")),
    has((p) => p.range === null && !p.derived && p.quality === "good") &&
      el("span", { class: "key measured" }, t("chart.measured")),
    has((p) => p.derived && p.quality === "good") && el("span", { class: "key derived" }, t("chart.derived")),
    has((p) => p.quality !== "good") && el("span", { class: "key doubtful" }, t("chart.doubtful")),
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
export function chart(series: Series, replayed: boolean, width: number, now: number): HTMLElement {
  const { axis, points } = timeline(series.readings, replayed);
  const property = word("property", series.property);
  const newest = points.at(-1);
  const root = el("figure", { class: "chart", data: { testid: "chart" } });
  if (!newest) {
    root.append(el("p", { class: "note" }, t("chart.empty")));
    return root;
  }
  const { frame, ticks } = frameOf(points, series, width);
  const readout = el("span", { class: "readout" }, describe(newest, series, now));
  const cursor = svg("circle", { r: 7, class: "cursor", cx: frame.x(newest.t), cy: frame.y(newest.value) });
  const drawing = svg(
    "svg",
    {
      viewBox: `0 0 ${frame.width} ${frame.height}`,
      role: "img",
      "aria-label": t("chart.describe", {
        name: series.name,
        property,
        count: points.length,
        value: measured(newest.value, series.unit, series.property),
        at: moment(newest.t, now),
      }),
    },
    valueAxis(frame, ticks, series.unit),
    timeAxis(frame, points),
    band(frame, points),
    marks(frame, series, points),
    levelLines(frame, series),
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
    legend(points, axis),
  );
  return root;
}
