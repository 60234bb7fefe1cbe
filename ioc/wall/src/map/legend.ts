import { el, replace } from "../dom";
import { t } from "../i18n/language";
import { SEVERITIES } from "../model";
import { CAMERA_SHAPE, CROSS, lineIcon, OTHER_STATION, severityIcon, TROUBLE_COLOUR } from "../shapes";

function entry(icon: SVGElement, name: string): HTMLElement {
  return el("li", {}, icon, name);
}

export function renderLegend(root: HTMLElement): void {
  replace(
    root,
    el(
      "ul",
      { attributes: { "aria-label": t("legend.title") } },
      ...SEVERITIES.map((severity) => entry(severityIcon(severity), t(`severity.${severity}`))),
      entry(severityIcon("minor", false), t("legend.acknowledged")),
      entry(lineIcon(OTHER_STATION), t("legend.station")),
      entry(lineIcon(CAMERA_SHAPE), t("legend.camera")),
      entry(lineIcon(CROSS, TROUBLE_COLOUR), t("legend.trouble")),
    ),
    el("p", {}, t("map.credit")),
  );
}
