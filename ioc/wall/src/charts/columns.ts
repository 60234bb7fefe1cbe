import { type Box, type Frame, frameIn, type Limits, valueAxis } from "../axes";
import { svg } from "../dom";
import { niceTicks } from "../scale";

const HOUR = 3_600_000;

/** A part of a column, the lowest first; `width` is a share of the column's. */
export interface Part {
  value: number;
  kind: string;
  width: number;
}

export interface Column {
  at: number;
  parts: Part[];
  /** What it says under the pointer. */
  title: string;
}

/** Those that were passed, and the next: a limit far above would press everything flat. */
export function near(limits: Limits, most: number): Limits {
  const next = limits.findIndex((limit) => limit.value > most);
  return next < 0 ? limits : limits.slice(0, next + 1);
}

/** A frame that has room for values from nought and for their limits. */
export function room(
  box: Box,
  span: { from: number; to: number },
  most: number,
  limits: Limits,
  whole: boolean,
) {
  const highest = Math.max(1, most, ...limits.map((limit) => limit.value));
  const ticks = niceTicks(0, highest, 4).filter((tick) => !whole || Number.isInteger(tick));
  return { ticks, frame: frameIn(box, span.from, span.to, ticks) };
}

/** Hours as columns that stand on the ground of a frame. */
export function columns(frame: Frame, list: readonly Column[], ticks: number[], unit: string): SVGElement {
  const drawn = list.map(({ at, parts, title }) => {
    const [left, right] = [frame.x(at), frame.x(at + HOUR)];
    let below = 0;
    const rects = parts
      .filter((part) => part.value > 0)
      .map((part) => {
        const y = frame.y(below + part.value);
        const height = frame.y(below) - y;
        below += part.value;
        const width = Math.max(1, (right - left) * 0.86 * part.width);
        return svg("rect", { x: (left + right - width) / 2, y, width, height, class: part.kind });
      });
    const whole = svg("rect", {
      ...{ x: left, y: frame.top, width: Math.max(1, right - left), height: frame.bottom - frame.top },
      class: "hit",
    });
    return svg(
      "g",
      { class: "column", "data-at": new Date(at).toISOString() },
      svg("title", {}, title),
      whole,
      ...rects,
    );
  });
  return svg("g", {}, valueAxis(frame, ticks, unit), ...drawn);
}
