import { el, replace, svg } from "../dom";
import { measured } from "../format";
import { t } from "../i18n/language";
import { SEVERITIES } from "../model";
import { CAMERA_SHAPE, CROSS, lineIcon, OTHER_STATION, SEVERITY_SHAPE, severityIcon } from "../shapes";
import { heatLegend } from "./heat";
import { type Palette, paletteOf, themeNow } from "./palette";

/** Where less room is than this, in pixels of the page, the legend opens when it is asked for. */
const ROOMY_PX = 1700;

function entry(sign: Element, name: string): HTMLElement {
  return el("li", {}, sign, name);
}

/** A value as it stands beside a station. */
function sample(mood: string): HTMLElement {
  return el("b", { class: `sample ${mood}` }, measured(5.25, "m", "water_level"));
}

/** A group, as `clusters.ts` draws it. */
function groupIcon({ severity }: Palette): SVGElement {
  const part = (colour: string, from: number, share: number) =>
    svg("circle", {
      cx: 12,
      cy: 12,
      r: 9.5,
      fill: "none",
      stroke: colour,
      "stroke-width": 3,
      pathLength: 8,
      "stroke-dasharray": `${share} ${8 - share}`,
      "stroke-dashoffset": 2 - from,
    });
  return svg(
    "svg",
    { viewBox: "0 0 24 24", class: "shape", "aria-hidden": "true" },
    part(severity.severe, 0, 1.8),
    part(severity.moderate, 2, 2.8),
    part(severity.minor, 5, 2.8),
    svg("path", {
      d: SEVERITY_SHAPE.severe,
      fill: severity.severe,
      transform: "translate(6.6 6) scale(0.45)",
    }),
  );
}

/** What the symbols mean, folded away where it would cover them, and whose data the map is. */
export class Legend {
  private readonly title = el("summary", {});
  private readonly entries = el("ul", {});
  private readonly credit = el("p", { class: "credit" });
  private readonly heat = el("div", {});
  readonly root = el(
    "div",
    { class: "legend" },
    this.heat,
    el("details", { data: { testid: "legend" } }, this.title, this.entries),
    this.credit,
  );

  constructor() {
    const details = this.root.querySelector("details");
    if (details) details.open = innerWidth >= ROOMY_PX;
  }

  render(warm: boolean): void {
    const palette = paletteOf(themeNow());
    replace(this.heat, warm && heatLegend(palette));
    replace(this.title, t("legend.title"));
    replace(
      this.entries,
      ...SEVERITIES.map((severity) => entry(severityIcon(severity), t(`severity.${severity}`))),
      entry(severityIcon("minor", false), t("legend.acknowledged")),
      entry(groupIcon(palette), t("legend.group")),
      entry(severityIcon("minor", false, true), t("legend.provisional")),
      entry(lineIcon(OTHER_STATION), t("legend.station")),
      entry(lineIcon(CAMERA_SHAPE), t("legend.camera")),
      entry(lineIcon(CROSS, palette.trouble), t("legend.trouble")),
      entry(sample("well"), t("legend.value")),
      entry(sample("old"), t("legend.value.old")),
    );
    replace(this.credit, t("map.credit"));
  }
}
