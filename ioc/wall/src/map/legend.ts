import { el, replace } from "../dom";
import { measured } from "../format";
import { t } from "../i18n/language";
import { SEVERITIES } from "../model";
import { CAMERA_SHAPE, CROSS, lineIcon, OTHER_STATION, severityIcon, TROUBLE_COLOUR } from "../shapes";

/** Where less room is than this, in pixels of the page, the legend opens when it is asked for. */
const ROOMY_PX = 1700;

function entry(sign: Element, name: string): HTMLElement {
  return el("li", {}, sign, name);
}

/** A value as it stands beside a station. */
function sample(mood: string): HTMLElement {
  return el("b", { class: `sample ${mood}` }, measured(5.25, "m", "water_level"));
}

/** What the symbols mean, folded away where it would cover them, and whose data the map is. */
export class Legend {
  private readonly title = el("summary", {});
  private readonly entries = el("ul", {});
  private readonly credit = el("p", { class: "credit" });
  readonly root = el(
    "div",
    { class: "legend" },
    el("details", { data: { testid: "legend" } }, this.title, this.entries),
    this.credit,
  );

  constructor() {
    const details = this.root.querySelector("details");
    if (details) details.open = innerWidth >= ROOMY_PX;
  }

  render(): void {
    replace(this.title, t("legend.title"));
    replace(
      this.entries,
      ...SEVERITIES.map((severity) => entry(severityIcon(severity), t(`severity.${severity}`))),
      entry(severityIcon("minor", false), t("legend.acknowledged")),
      entry(severityIcon("minor", false, true), t("legend.provisional")),
      entry(lineIcon(OTHER_STATION), t("legend.station")),
      entry(lineIcon(CAMERA_SHAPE), t("legend.camera")),
      entry(lineIcon(CROSS, TROUBLE_COLOUR), t("legend.trouble")),
      entry(sample("well"), t("legend.value")),
      entry(sample("old"), t("legend.value.old")),
    );
    replace(this.credit, t("map.credit"));
  }
}
