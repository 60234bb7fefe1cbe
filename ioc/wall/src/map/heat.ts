import type { FeatureCollection, Point } from "geojson";
import { el, svg } from "../dom";
import { t } from "../i18n/language";
import type { Incident, Severity } from "../model";
import type { Palette } from "./palette";
import { type Located, point } from "./things";

/** How warm an incident is beside an extreme one. */
const WARMTH: Record<Severity, number> = { extreme: 1, severe: 0.5, moderate: 0.25, minor: 0.125 };

export function heatPoints(open: Located<Incident>[]): FeatureCollection<Point> {
  return {
    type: "FeatureCollection",
    features: open.map(({ position, severity }) => point(position, { weight: WARMTH[severity] })),
  };
}

/** What the colours of the heat map mean, from few to many. */
export function heatLegend(palette: Palette): HTMLElement {
  const [wide, high] = [30, 12];
  const steps = palette.heat.map((fill, at) =>
    svg("rect", { x: at * wide, y: 0, width: wide, height: high, fill }),
  );
  const ramp = svg(
    "svg",
    { viewBox: `0 0 ${wide * palette.heat.length} ${high}`, class: "ramp", "aria-hidden": "true" },
    ...steps,
  );
  return el(
    "div",
    { class: "heatlegend", data: { testid: "heatlegend" } },
    el("b", {}, t("map.heat.title")),
    ramp,
    el("div", { class: "ends" }, el("span", {}, t("map.heat.few")), el("span", {}, t("map.heat.many"))),
    el("p", {}, t("map.heat.note")),
  );
}
