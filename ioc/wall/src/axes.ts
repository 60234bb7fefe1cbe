/** The frame and the axes that drawings over time have in common. */

import { svg } from "./dom";
import { clockTime, dayMonth, fixed, hourMinute, measured, zoneOffset } from "./format";
import { t, word } from "./i18n/language";
import type { Severity } from "./model";
import { timeTicks } from "./scale";
import { SEVERITY_COLOUR } from "./shapes";

/** A drawing's size, and the edges of what stands within its axes, in pixels. */
export interface Box {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Where things stand in a drawing: `x` of a moment, `y` of a value that is brought within the axis. */
export interface Frame extends Box {
  x: (t: number) => number;
  y: (value: number) => number;
}

/** A label in its middle needs so many pixels at its right. */
const NARROW = 22;

/** A frame in a box, from one moment to another and from the lowest to the highest of the ticks. */
export function frameIn(box: Box, first: number, last: number, ticks: readonly number[]): Frame {
  const [min, max] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const span = Math.max(last - first, 60_000);
  const { left, right, top, bottom } = box;
  return {
    ...box,
    x: (time) => left + ((time - first) / span) * (right - left),
    y: (value) => bottom - ((Math.min(max, Math.max(min, value)) - min) / (max - min)) * (bottom - top),
  };
}

export function label(
  x: number,
  y: number,
  content: string,
  attributes: Record<string, string> = {},
): SVGElement {
  return svg("text", { x, y, class: "axis", ...attributes }, content);
}

export type Limits = readonly { severity: Severity; value: number }[];

/** What a limit of a property is called: a river's have names of their own. */
export function limitName(severity: Severity, property: string): string {
  return property === "water_level" ? word("level", severity) : t(`severity.${severity}`);
}

/** Lines across at limits, each with its name and value. */
export function limitLines(frame: Frame, limits: Limits, unit: string, property: string): SVGElement {
  const lines = limits.map(({ severity, value }) => {
    const [y, colour] = [frame.y(value), SEVERITY_COLOUR[severity]];
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
      label(frame.left + 6, y - 5, `${limitName(severity, property)} · ${measured(value, unit, property)}`, {
        fill: colour,
      }),
    );
  });
  return svg("g", {}, ...lines);
}

/** Lines across at round values, named at their left, under the unit. */
export function valueAxis(frame: Frame, ticks: number[], unit: string): SVGElement {
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

/** Round times of the page's zone under the ground line; a new day has its date beneath. */
export function timeAxis(frame: Frame, first: number, last: number): SVGElement {
  const ticks = timeTicks(
    first,
    last,
    Math.max(2, Math.floor((frame.right - frame.left) / 90)),
    zoneOffset(first),
  );
  const write = ticks.some((tick) => tick % 60_000 !== 0) ? clockTime : hourMinute;
  let day = "";
  const anchor = (x: number) => (frame.width - x < NARROW ? "end" : "middle");
  const marks = ticks.map((tick) => {
    const x = frame.x(tick);
    const today = dayMonth(tick);
    const newDay = today !== day;
    day = today;
    return svg(
      "g",
      {},
      svg("line", { x1: x, x2: x, y1: frame.bottom, y2: frame.bottom + 5, class: "tick" }),
      label(x, frame.bottom + 20, write(tick), { "text-anchor": anchor(x) }),
      newDay && label(x, frame.bottom + 38, today, { "text-anchor": anchor(x) }),
    );
  });
  return svg("g", {}, ...marks);
}
