import type { Position } from "../model";
import type { Box } from "./things";

/** A tile of the web Mercator square. */
export interface TileId {
  z: number;
  x: number;
  y: number;
}

const LIMIT = 85.0511;

/** Which column and row a place is in. */
export function tileAt([lon, lat]: Position, z: number): TileId {
  const side = 2 ** z;
  const sine = Math.sin((Math.max(-LIMIT, Math.min(LIMIT, lat)) * Math.PI) / 180);
  const clamp = (value: number) => Math.max(0, Math.min(side - 1, Math.floor(value)));
  return {
    z,
    x: clamp((lon / 360 + 0.5) * side),
    y: clamp((0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * side),
  };
}

/** The tiles in which something has changed since they were read, whether they are in view or kept aside. */
export class Touched {
  private readonly tiles = new Map<string, TileId>();

  constructor(private readonly zooms: readonly [number, number]) {}

  touch(position: Position): void {
    for (let z = this.zooms[0]; z <= this.zooms[1]; z += 1) {
      const tile = tileAt(position, z);
      this.tiles.set(`${z} ${tile.x} ${tile.y}`, tile);
    }
  }

  /** Those of a view at a zoom of the map, with the ring of tiles around it; they count as read anew. */
  take([west, south, east, north]: Box, zoom: number): TileId[] {
    const z = Math.max(this.zooms[0], Math.min(this.zooms[1], Math.floor(zoom)));
    const [from, to] = [tileAt([west, north], z), tileAt([east, south], z)];
    const found = [...this.tiles.values()].filter(
      (one) =>
        one.z === z && one.x >= from.x - 1 && one.x <= to.x + 1 && one.y >= from.y - 1 && one.y <= to.y + 1,
    );
    for (const { x, y } of found) this.tiles.delete(`${z} ${x} ${y}`);
    return found;
  }

  clear(): void {
    this.tiles.clear();
  }
}
