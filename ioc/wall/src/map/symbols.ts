import type { Map as MapLibre } from "maplibre-gl";
import { SEVERITIES, type Severity } from "../model";
import {
  CALM_COLOUR,
  CAMERA_SHAPE,
  CROSS,
  DASHES,
  OTHER_STATION,
  SEVERITY_COLOUR,
  SEVERITY_SHAPE,
  STATION_SHAPE,
  TROUBLE_COLOUR,
} from "../shapes";

/** How well a station or camera is: its colour and its drawing follow from this. */
export type Mood = "well" | "old" | "trouble" | "off";

const DARK = "#0d1216";
const RATIO = 2;

export function moodOf(state: string): Mood {
  if (state === "fresh" || state === "live") return "well";
  if (state === "stale" || state === "degraded") return "old";
  return state === "suspended" ? "off" : "trouble";
}

export function incidentIcon(severity: Severity, waiting: boolean): string {
  return `incident-${severity}-${waiting ? "new" : "taken"}`;
}

export function provisionalIcon(severity: Severity): string {
  return `provisional-${severity}`;
}

export function placeIcon(kind: string, mood: Mood): string {
  return `place-${kind === "camera" || kind in STATION_SHAPE ? kind : "other"}-${mood}`;
}

/** Draws on a square canvas whose 24 by 24 units stand in the middle of `size` pixels of the page. */
function drawn(size: number, draw: (pen: CanvasRenderingContext2D) => void): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = size * RATIO;
  canvas.height = size * RATIO;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser gives no canvas to draw symbols on.");
  const scale = (size * RATIO) / 30;
  pen.setTransform(scale, 0, 0, scale, scale * 3, scale * 3);
  pen.lineJoin = "round";
  pen.lineCap = "round";
  draw(pen);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function incident(severity: Severity, waiting: boolean, broken = false): ImageData {
  const path = new Path2D(SEVERITY_SHAPE[severity]);
  const colour = SEVERITY_COLOUR[severity];
  return drawn(severity === "extreme" ? 44 : 38, (pen) => {
    pen.lineWidth = 5.5;
    pen.strokeStyle = DARK;
    pen.stroke(path);
    pen.fillStyle = waiting ? colour : DARK;
    pen.fill(path);
    pen.lineWidth = 3;
    pen.strokeStyle = colour;
    if (broken) pen.setLineDash(DASHES);
    pen.stroke(path);
  });
}

function place(outline: string, mood: Mood): ImageData {
  const path = new Path2D(outline);
  const colour = mood === "trouble" || mood === "old" ? TROUBLE_COLOUR : CALM_COLOUR;
  return drawn(30, (pen) => {
    pen.lineWidth = 6;
    pen.strokeStyle = DARK;
    pen.stroke(path);
    pen.fillStyle = DARK;
    pen.fill(path);
    pen.lineWidth = 2.4;
    pen.strokeStyle = colour;
    pen.globalAlpha = mood === "off" ? 0.45 : 1;
    if (mood === "old") pen.setLineDash([3, 3.4]);
    pen.stroke(path);
    if (mood === "trouble") {
      const cross = new Path2D(CROSS);
      pen.lineWidth = 5;
      pen.strokeStyle = DARK;
      pen.stroke(cross);
      pen.lineWidth = 2.4;
      pen.strokeStyle = colour;
      pen.stroke(cross);
    }
  });
}

/** Gives the map every symbol that a feature may ask for. */
export function addSymbols(map: MapLibre): void {
  const add = (name: string, image: ImageData) => map.addImage(name, image, { pixelRatio: RATIO });
  for (const severity of SEVERITIES) {
    for (const waiting of [true, false]) add(incidentIcon(severity, waiting), incident(severity, waiting));
    add(provisionalIcon(severity), incident(severity, false, true));
  }
  const outlines = { ...STATION_SHAPE, other: OTHER_STATION, camera: CAMERA_SHAPE };
  for (const [kind, outline] of Object.entries(outlines)) {
    for (const mood of ["well", "old", "trouble", "off"] as const)
      add(placeIcon(kind, mood), place(outline, mood));
  }
}
