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

/** What is left free around a scope, in pixels of the map. */
export interface Margin {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** Room for symbols, for names and values to the right, for buttons to the left. */
const WIDE: Margin = { top: 70, bottom: 70, left: 130, right: 210 };
/** On a phone the places need the room: values are short there, and names come only when one goes nearer. */
const NARROW: Margin = { top: 40, bottom: 75, left: 64, right: 84 };

/** What is left free around a scope on a map so wide: at least as much is for the scope itself. */
export function marginOf(width: number): Margin {
  return width < 2 * (WIDE.left + WIDE.right) ? NARROW : WIDE;
}
