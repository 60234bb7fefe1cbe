import type { MapGeoJSONFeature, Map as MapLibre, MapMouseEvent } from "maplibre-gl";
import { el, replace } from "../dom";
import { t } from "../i18n/language";
import { number, type Position, SEVERITIES } from "../model";
import { severityIcon } from "../shapes";
import { TOUCHED } from "./live";

export interface Picked {
  layer: "incident" | "device" | "camera";
  id: string;
}

/** What lies under the pointer: a thing, or a group of things and its place. */
export type Hit = { picked: Picked } | { group: MapGeoJSONFeature; at: Position };

const TOUCH_PX = 9;
const BESIDE_PX = 16;

/** What is drawn at a point of the map; what lies on top comes first. */
export function hitAt(map: MapLibre, event: MapMouseEvent): Hit | null {
  const { x, y } = event.point;
  const found = map.queryRenderedFeatures(
    [
      [x - TOUCH_PX, y - TOUCH_PX],
      [x + TOUCH_PX, y + TOUCH_PX],
    ],
    { layers: Object.keys(TOUCHED) },
  );
  for (const feature of found) {
    if (feature.state.over === true) continue;
    const layer = TOUCHED[feature.layer.id];
    if (layer === "cluster" && feature.geometry.type === "Point") {
      const [lon, lat] = feature.geometry.coordinates as [number, number];
      return { group: feature, at: [lon, lat] };
    }
    const id = feature.properties.id ?? feature.properties.code;
    if (layer && layer !== "cluster" && typeof id === "string") return { picked: { layer, id } };
  }
  return null;
}

/** What a group holds, in figures, beside the pointer; a cluster's own symbol shows no more than shares. */
export class GroupNote {
  readonly root = el("div", { class: "groupnote", data: { testid: "groupnote" } });

  constructor() {
    this.root.hidden = true;
  }

  /** @param at in pixels of the page */
  show(group: MapGeoJSONFeature, at: { x: number; y: number }): void {
    const of = (name: string) => number(group.properties[name]) ?? 0;
    const count = of("n") || of("point_count");
    const rows = SEVERITIES.filter((one) => of(`n_${one}`) > 0).map((one) =>
      el("li", {}, severityIcon(one), `${of(`n_${one}`)} ${t(`severity.${one}`)}`),
    );
    const stations = !group.layer.id.startsWith("incident");
    replace(
      this.root,
      el("b", {}, t(stations ? "map.group.places" : "map.group.incidents", { count })),
      el("ul", {}, ...rows),
    );
    this.root.hidden = false;
    this.root.style.transform = `translate(${at.x + BESIDE_PX}px, ${at.y + BESIDE_PX}px)`;
  }

  hide(): void {
    this.root.hidden = true;
  }
}
