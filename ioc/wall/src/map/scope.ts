import type { Board } from "../board";
import { isOpen, type Position } from "../model";

/** West, south and east, north in degrees. */
export type Corners = [[number, number], [number, number]];

/** The smallest box around all places, null around none. */
export function boxOf(places: Position[]): Corners | null {
  if (places.length === 0) return null;
  const lons = places.map(([lon]) => lon);
  const lats = places.map(([, lat]) => lat);
  return [
    [Math.min(...lons), Math.min(...lats)],
    [Math.max(...lons), Math.max(...lats)],
  ];
}

/** Around all that the map draws of the board: what its reader may see. */
export function scopeOf(board: Board): Corners | null {
  const incidents = [...board.incidents.values()].filter(isOpen);
  const all = [...incidents, ...board.devices.values(), ...board.cameras.values()];
  return boxOf(all.flatMap(({ position }) => (position ? [position] : [])));
}
