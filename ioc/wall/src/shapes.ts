import { svg } from "./dom";
import type { Severity } from "./model";

/** Outlines in a box of 24 by 24, drawn both in the page (SVG) and on the map (canvas). */

/** Four severities, four outlines: each is told from the others without its colour. */
export const SEVERITY_SHAPE: Record<Severity, string> = {
  extreme: "M12 1.5 22.5 12 12 22.5 1.5 12Z",
  severe: "M12 2.5 22.5 21H1.5Z",
  moderate: "M3.5 3.5H20.5V20.5H3.5Z",
  minor: "M12 3A9 9 0 1 1 12 21A9 9 0 1 1 12 3Z",
};

/** Of the present theme (styles/base.css), for what the page draws; the map's are in map/palette.ts. */
export const SEVERITY_COLOUR: Record<Severity, string> = {
  extreme: "var(--extreme)",
  severe: "var(--severe)",
  moderate: "var(--moderate)",
  minor: "var(--minor)",
};

/** Equipment that is not as it should be: a colour of its own, so that it is never read as a severity. */
export const TROUBLE_COLOUR = "var(--trouble)";
export const CALM_COLOUR = "var(--dim)";

/** What kind of station it is, by the profile of its device. */
export const STATION_SHAPE: Record<string, string> = {
  "river-gauge": "M12 2.5C16 8 19 11.6 19 15A7 7 0 0 1 5 15C5 11.6 8 8 12 2.5Z",
  "rain-station":
    "M7 16A4.5 4.5 0 0 1 7 7A6 6 0 0 1 18.2 8.6A3.8 3.8 0 0 1 18 16ZM8 18.5 6.8 22M12.5 18.5 11.3 22M17 18.5 15.8 22",
  "air-station": "M2.5 9H14A3 3 0 1 0 11 6M2.5 13H19A3 3 0 1 1 16 16M2.5 17H9.5A2.4 2.4 0 1 1 7.3 19.8",
  "traffic-loop": "M3 14 5 8H19L21 14V18H3ZM6 18V20.5M18 18V20.5M6.5 14.5H8M16 14.5H17.5",
};
export const OTHER_STATION =
  "M12 4A8 8 0 1 1 12 20A8 8 0 1 1 12 4ZM12 10.5A1.5 1.5 0 1 1 12 13.5A1.5 1.5 0 1 1 12 10.5Z";
export const CAMERA_SHAPE = "M2.5 7H15.5V17.5H2.5ZM15.5 11 21.5 7.5V17L15.5 13.5Z";
export const CROSS = "M4 4 20 20M20 4 4 20";

export function stationShape(kind: string): string {
  return STATION_SHAPE[kind] ?? OTHER_STATION;
}

/** In units of the box: the outline of what is not saved yet is broken. */
export const DASHES = [3.4, 3.2];

/** The mark of an incident: filled while nobody has taken it on, an outline afterwards; broken: provisional. */
export function severityIcon(severity: Severity, filled = true, broken = false): SVGElement {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", class: `shape shape-${severity}`, "aria-hidden": "true" },
    svg("path", {
      d: SEVERITY_SHAPE[severity],
      fill: filled ? SEVERITY_COLOUR[severity] : "none",
      stroke: SEVERITY_COLOUR[severity],
      "stroke-width": 2.5,
      "stroke-linejoin": "round",
      "stroke-dasharray": broken ? DASHES.join(" ") : "none",
    }),
  );
}

export function lineIcon(path: string, colour = "currentColor", filled = false): SVGElement {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", class: "shape", "aria-hidden": "true" },
    svg("path", {
      d: path,
      fill: filled ? colour : "none",
      stroke: colour,
      "stroke-width": 2,
      "stroke-linejoin": "round",
      "stroke-linecap": "round",
    }),
  );
}
