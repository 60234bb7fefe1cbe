import type { Position } from "../model";

const EARTH_M = 6_371_008.8;

/** Metres between two places on a sphere of the Earth's mean radius; at these distances good to half a percent. */
export function metresBetween([lonA, latA]: Position, [lonB, latB]: Position): number {
  const rad = Math.PI / 180;
  const half = (degrees: number) => Math.sin((degrees * rad) / 2) ** 2;
  const part = half(latB - latA) + Math.cos(latA * rad) * Math.cos(latB * rad) * half(lonB - lonA);
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(part)));
}
