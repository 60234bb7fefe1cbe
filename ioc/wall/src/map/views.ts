import { type Map as MapLibre, Marker } from "maplibre-gl";
import type { Board } from "../board";
import { el } from "../dom";
import type { MapMark } from "../host";
import { SEVERITY_COLOUR } from "../shapes";
import { SEER_KEYS } from "../work/keys";

const LAYERS = ["camera-view-shown", "camera-view-shown-edge"];

/** Marks that are no part of the picture: letters to choose between, and the numbers of cameras that were asked for. */
export class Marks {
  private letters: Marker[] = [];
  private numbers: Marker[] = [];

  constructor(private readonly map: MapLibre) {}

  /** Lettered marks in place of those before. */
  show(list: MapMark[]): void {
    for (const mark of this.letters) mark.remove();
    this.letters = list.map(({ letter, position, severity, label }) => {
      const element = el(
        "span",
        { class: `mapmark ${severity ?? "own"}`, attributes: { title: label } },
        letter,
      );
      if (severity) element.style.borderColor = SEVERITY_COLOUR[severity];
      return new Marker({ element, anchor: "bottom" }).setLngLat([position[0], position[1]]).addTo(this.map);
    });
  }

  /** Draws what these cameras see strongly and numbers them 1 to 9 in this order; none ends that. */
  cameras(codes: readonly string[], board: Board): void {
    const shown = codes.slice(0, SEER_KEYS.length);
    for (const mark of this.numbers) mark.remove();
    this.numbers = shown.flatMap((code, at) => {
      const camera = board.cameras.get(code);
      if (!camera?.position) return [];
      const element = el(
        "span",
        { class: "mapmark own camera", attributes: { title: camera.name }, data: { camera: code } },
        String(at + 1),
      );
      const [lon, lat] = camera.position;
      return [
        new Marker({ element, anchor: "bottom", offset: [0, -10] }).setLngLat([lon, lat]).addTo(this.map),
      ];
    });
    for (const layer of LAYERS) this.map.setFilter(layer, ["in", ["get", "code"], ["literal", shown]]);
  }
}
