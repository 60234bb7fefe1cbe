import type { Map as MapLibre } from "maplibre-gl";

/** How much larger than on a desk the map is drawn (`--map-scale`, styles/map.css): a wall is read from metres away. */
export function scaleOf(canvas: HTMLElement): number {
  return Number(getComputedStyle(canvas).getPropertyValue("--map-scale")) || 1;
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
