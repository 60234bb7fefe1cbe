import type { Board } from "./board";
import { el, replace } from "./dom";
import { t } from "./i18n/language";
import { type Incident, isOpen, isWaiting, type Place, SEVERITIES } from "./model";
import { CAMERA_SHAPE, lineIcon, OTHER_STATION, severityIcon } from "./shapes";

function tile(icon: SVGElement | null, count: string, label: string, mood: string): HTMLElement {
  return el("div", { class: `tile ${mood}` }, icon, el("b", {}, count), el("span", {}, label));
}

function share(places: Iterable<Place>, good: string): { text: string; mood: string } {
  const all = [...places];
  const well = all.filter((place) => place.state === good).length;
  return {
    text: t("kpi.of", { good: well, all: all.length }),
    mood: well === all.length ? "calm" : "trouble",
  };
}

/** How many incidents of each severity are open: grey at nought, coloured above it. */
export function renderKpi(root: HTMLElement, board: Board): void {
  const open: Incident[] = [...board.incidents.values()].filter(isOpen);
  const waiting = open.filter(isWaiting).length;
  const stations = share(board.devices.values(), "fresh");
  const cameras = share(board.cameras.values(), "live");
  root.setAttribute("aria-label", t("kpi.label"));
  replace(
    root,
    ...SEVERITIES.map((severity) => {
      const count = open.filter((incident) => incident.severity === severity).length;
      const mood = count > 0 ? `is-${severity}` : "calm";
      const box = tile(severityIcon(severity, count > 0), String(count), t(`severity.${severity}`), mood);
      box.dataset.kpi = severity;
      return box;
    }),
    tile(null, String(waiting), t("kpi.unacknowledged"), waiting > 0 ? "strong" : "calm"),
    tile(lineIcon(OTHER_STATION), stations.text, t("kpi.stations"), stations.mood),
    tile(lineIcon(CAMERA_SHAPE), cameras.text, t("kpi.cameras"), cameras.mood),
  );
}
