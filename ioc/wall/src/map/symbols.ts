import type { Map as MapLibre } from "maplibre-gl";
import { SEVERITIES, type Severity } from "../model";
import { CAMERA_SHAPE, CROSS, DASHES, OTHER_STATION, SEVERITY_SHAPE, STATION_SHAPE } from "../shapes";
import { clusterOf, drawCluster } from "./clusters";
import type { Palette } from "./palette";

/** How well a station or camera is: its colour and its drawing follow from this. */
export type Mood = "well" | "old" | "trouble" | "off";

const RATIO = 2;

/** States of stations and cameras that are as they should be, and those that are not quite. */
export const WELL_STATES = ["fresh", "live"];
export const OLD_STATES = ["stale", "degraded"];
export const OFF_STATES = ["suspended"];

export function moodOf(state: string): Mood {
  if (WELL_STATES.includes(state)) return "well";
  if (OLD_STATES.includes(state)) return "old";
  return OFF_STATES.includes(state) ? "off" : "trouble";
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

function incident(palette: Palette, severity: Severity, waiting: boolean, broken = false): ImageData {
  const path = new Path2D(SEVERITY_SHAPE[severity]);
  const colour = palette.severity[severity];
  return drawn(severity === "extreme" ? 44 : 38, (pen) => {
    pen.lineWidth = 5.5;
    pen.strokeStyle = palette.halo;
    pen.stroke(path);
    pen.fillStyle = waiting ? colour : palette.halo;
    pen.fill(path);
    pen.lineWidth = 3;
    pen.strokeStyle = colour;
    if (broken) pen.setLineDash(DASHES);
    pen.stroke(path);
  });
}

function place(palette: Palette, outline: string, mood: Mood): ImageData {
  const path = new Path2D(outline);
  const colour = mood === "trouble" || mood === "old" ? palette.trouble : palette.calm;
  return drawn(30, (pen) => {
    pen.lineWidth = 6;
    pen.strokeStyle = palette.halo;
    pen.stroke(path);
    pen.fillStyle = palette.halo;
    pen.fill(path);
    pen.lineWidth = 2.4;
    pen.strokeStyle = colour;
    pen.globalAlpha = mood === "off" ? 0.45 : 1;
    if (mood === "old") pen.setLineDash([3, 3.4]);
    pen.stroke(path);
    if (mood === "trouble") {
      const cross = new Path2D(CROSS);
      pen.lineWidth = 5;
      pen.strokeStyle = palette.halo;
      pen.stroke(cross);
      pen.lineWidth = 2.4;
      pen.strokeStyle = colour;
      pen.stroke(cross);
    }
  });
}

function* all(palette: Palette): Generator<[string, ImageData]> {
  for (const severity of SEVERITIES) {
    for (const waiting of [true, false])
      yield [incidentIcon(severity, waiting), incident(palette, severity, waiting)];
    yield [provisionalIcon(severity), incident(palette, severity, false, true)];
  }
  const outlines = { ...STATION_SHAPE, other: OTHER_STATION, camera: CAMERA_SHAPE };
  for (const [kind, outline] of Object.entries(outlines))
    for (const mood of ["well", "old", "trouble", "off"] as const)
      yield [placeIcon(kind, mood), place(palette, outline, mood)];
}

/** Gives the map its symbols, in the colours of a palette; those of clusters when they are asked for. */
export class Symbols {
  private readonly made = new Set<string>();

  constructor(
    private readonly map: MapLibre,
    private palette: Palette,
  ) {
    map.setMissingStyleImageResolver((id) => this.cluster(id));
  }

  /** Every symbol that a feature may ask for; anew in the colours of another palette. */
  draw(palette = this.palette): void {
    this.palette = palette;
    for (const [name, image] of all(palette)) this.give(name, image);
    for (const name of [...this.made]) if (clusterOf(name)) this.cluster(name);
  }

  private cluster(name: string): void {
    const shares = clusterOf(name);
    if (shares)
      this.give(
        name,
        drawn(56, (pen) => drawCluster(pen, shares, this.palette)),
      );
  }

  private give(name: string, image: ImageData): void {
    if (this.map.hasImage(name)) this.map.updateImage(name, image);
    else this.map.addImage(name, image, { pixelRatio: RATIO });
    this.made.add(name);
  }
}
