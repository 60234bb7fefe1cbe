import { svg } from "./dom";
import { quantity } from "./format";
import { niceTicks } from "./scale";

/** One bar; `marked` ones stand out in colour and by a stroke, `title` is what it says under the pointer. */
export interface Bar {
  label: string;
  value: number;
  marked: boolean;
  title: string;
}

const MARGIN = { top: 24, right: 12, bottom: 30, left: 48 };
const HEIGHT = 220;
const LABEL_WIDTH = 52;

/**
 * Bars in their order, with an axis of values and perhaps a line that none should pass.
 *
 * @param width pixels that the drawing may take
 * @param describe what the whole drawing says, for those who do not see it
 */
export function bars(
  list: Bar[],
  width: number,
  describe: string,
  limit: { value: number; label: string } | null = null,
): SVGElement {
  const [left, right] = [MARGIN.left, Math.max(width, 240) - MARGIN.right];
  const [top, bottom] = [MARGIN.top, HEIGHT - MARGIN.bottom];
  const most = Math.max(1, limit?.value ?? 0, ...list.map((bar) => bar.value));
  // Half an alarm is none.
  const counted = list.every((bar) => Number.isInteger(bar.value));
  const ticks = niceTicks(0, most, 4).filter((tick) => !counted || Number.isInteger(tick));
  const highest = ticks.at(-1) ?? 1;
  const y = (value: number) => bottom - (value / highest) * (bottom - top);
  const step = (right - left) / Math.max(1, list.length);
  const every = Math.max(1, Math.ceil(LABEL_WIDTH / step));
  const text = (x: number, at: number, content: string, anchor: string) =>
    svg("text", { x, y: at, class: "axis", "text-anchor": anchor }, content);
  return svg(
    "svg",
    { viewBox: `0 0 ${right + MARGIN.right} ${HEIGHT}`, role: "img", "aria-label": describe, class: "bars" },
    ...ticks.map((tick) =>
      svg(
        "g",
        {},
        svg("line", { x1: left, x2: right, y1: y(tick), y2: y(tick), class: "grid" }),
        text(left - 8, y(tick) + 5, quantity(tick), "end"),
      ),
    ),
    ...list.map((bar, place) => {
      const x = left + place * step;
      return svg(
        "g",
        { class: bar.marked ? "bar marked" : "bar" },
        svg("title", {}, bar.title),
        svg("rect", {
          x: x + step * 0.15,
          width: Math.max(1, step * 0.7),
          y: y(bar.value),
          height: bottom - y(bar.value),
        }),
        place % every === 0 ? text(x + step / 2, bottom + 20, bar.label, "middle") : null,
      );
    }),
    limit &&
      svg(
        "g",
        { class: "limit" },
        svg("line", { x1: left, x2: right, y1: y(limit.value), y2: y(limit.value) }),
        text(right, top - 6, `- - ${limit.label}`, "end"),
      ),
  );
}
