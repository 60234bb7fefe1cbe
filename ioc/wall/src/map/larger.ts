import type { Map as MapLibre } from "maplibre-gl";

/** How much larger than on a desk the map is drawn (styles/map.css): a wall is read from metres away. */
export const SCALE = "--map-scale";

export function scaleOf(canvas: HTMLElement): number {
  return Number(getComputedStyle(canvas).getPropertyValue(SCALE)) || 1;
}

/** Draws as many points as the screen has, however large the map is drawn. */
export function keepSharp(map: MapLibre, canvas: HTMLElement): void {
  const set = () => {
    const ratio = devicePixelRatio * scaleOf(canvas);
    if (map.getPixelRatio() !== ratio) map.setPixelRatio(ratio);
  };
  map.on("resize", set);
  set();
}
