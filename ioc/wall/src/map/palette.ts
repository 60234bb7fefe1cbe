import type { Severity } from "../model";

/** Every colour of the map. Nothing else of it names one, so that a theme is one of these. */
export interface Palette {
  sea: string;
  far: string;
  land: string;
  coast: string;
  border: string;
  areaChosen: string;
  river: string;
  road: string;
  rail: string;
  name: string;
  placeName: string;
  /** Around letters and symbols, so that they stand off from what lies under them. */
  halo: string;
  view: string;
  /** The edge of a view that was asked for. */
  viewShown: string;
  lead: string;
  /** The ring around what is chosen. */
  ring: string;
  calm: string;
  trouble: string;
  /** Letters on a cluster, and what it lies on. */
  text: string;
  plate: string;
  severity: Record<Severity, string>;
  /** From little to much. The lightness runs one way, so that it is read without any colour. */
  heat: readonly [string, string, string, string, string];
}

const DARK: Palette = {
  sea: "#0d1216",
  far: "#12181d",
  land: "#1b2329",
  coast: "#3a4650",
  border: "#35414a",
  areaChosen: "#d7dfe5",
  river: "#27414f",
  road: "#3d464d",
  rail: "#39424a",
  name: "#93a0aa",
  placeName: "#b4bfc8",
  halo: "#0d1216",
  view: "#8fa1ae",
  viewShown: "#e8edf1",
  lead: "#7d8a94",
  ring: "#ffffff",
  calm: "#a9b5be",
  trouble: "#cba6ff",
  text: "#f2f5f7",
  plate: "#10171c",
  severity: { extreme: "#ff5d52", severe: "#ff9f40", moderate: "#f3d63f", minor: "#7fbff5" },
  heat: ["#26456f", "#4c6a86", "#7f8c86", "#c2b56b", "#ffe94a"],
};

const LIGHT: Palette = {
  sea: "#d6dfe6",
  far: "#e4e9ec",
  land: "#f3f5f6",
  coast: "#8b9aa5",
  border: "#b7c2ca",
  areaChosen: "#26323a",
  river: "#a9c3d3",
  road: "#c9d0d5",
  rail: "#c2cacf",
  name: "#4d5b66",
  placeName: "#333f48",
  halo: "#ffffff",
  view: "#62737f",
  viewShown: "#1b262d",
  lead: "#5c6a74",
  ring: "#10171c",
  calm: "#55636d",
  trouble: "#6527b3",
  text: "#10171c",
  plate: "#ffffff",
  severity: { extreme: "#b5121b", severe: "#963f00", moderate: "#665000", minor: "#175a96" },
  heat: ["#e3d68a", "#b6ac74", "#7f8078", "#465577", "#0e2a5c"],
};

export type Theme = "dark" | "light";

/** What the page says of itself; dark where it says nothing, for a control room is. */
export function themeNow(): Theme {
  return document.documentElement.dataset.theme === "light" ? "light" : "dark";
}

export function paletteOf(theme: Theme): Palette {
  return theme === "light" ? LIGHT : DARK;
}
