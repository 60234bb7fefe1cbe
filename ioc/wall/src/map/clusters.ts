import type { ExpressionSpecification } from "maplibre-gl";
import { SEVERITIES, type Severity } from "../model";
import { SEVERITY_SHAPE } from "../shapes";
import type { Palette } from "./palette";

/** A cluster's ring has so many parts at the least share that is told; whoever has one has a part. */
const PARTS = 8;
const NAME = /^cluster-(\d)-(\d)-(\d)-(\d)$/;

/** How many parts of the ring each severity has. */
export type Shares = Record<Severity, number>;

/** A cluster counts all that it stands for, and each severity: of the server's tiles or of the map's own grouping. */
export const COUNT: ExpressionSpecification = ["coalesce", ["get", "n"], ["get", "point_count"], 1];

export function countOf(severity: Severity): ExpressionSpecification {
  return ["coalesce", ["get", `n_${severity}`], 0];
}

/** The name of a cluster's symbol: it tells the shares, and so which symbol it is. */
export const CLUSTER_ICON: ExpressionSpecification = [
  "concat",
  "cluster",
  ...SEVERITIES.flatMap((severity): ExpressionSpecification[] => [
    [
      "concat",
      "-",
      [
        "to-string",
        [
          "case",
          [">", countOf(severity), 0],
          ["max", 1, ["round", ["/", ["*", PARTS, countOf(severity)], ["max", 1, COUNT]]]],
          0,
        ],
      ],
    ],
  ]),
] as ExpressionSpecification;

/** What a symbol's name tells, null for another symbol's. */
export function clusterOf(name: string): Shares | null {
  const found = NAME.exec(name);
  if (!found) return null;
  const [extreme, severe, moderate, minor] = found.slice(1).map(Number) as [number, number, number, number];
  return { extreme, severe, moderate, minor };
}

/** Where each severity's part of the ring begins and ends, in turns from the top, the worst first. */
export function arcs(shares: Shares): { severity: Severity; from: number; to: number }[] {
  const total = SEVERITIES.reduce((sum, severity) => sum + shares[severity], 0);
  let from = 0;
  return SEVERITIES.filter((severity) => shares[severity] > 0).map((severity) => {
    const to = from + shares[severity] / total;
    const arc = { severity, from, to };
    from = to;
    return arc;
  });
}

const MIDDLE = 12;
const RING = 10.6;
const RING_WIDTH = 2.8;
/** Between two parts, in turns: they are told apart without their colours. */
const GAP = 0.012;

/** A plate with the shape of the worst over the place of the number, and a ring of what is how bad. */
export function drawCluster(pen: CanvasRenderingContext2D, shares: Shares, palette: Palette): void {
  const parts = arcs(shares);
  pen.beginPath();
  pen.arc(MIDDLE, MIDDLE, RING + RING_WIDTH, 0, 2 * Math.PI);
  pen.fillStyle = palette.plate;
  pen.fill();
  pen.lineCap = "butt";
  pen.lineWidth = RING_WIDTH;
  const gap = parts.length > 1 ? GAP : 0;
  const angle = (turn: number) => (turn - 0.25) * 2 * Math.PI;
  for (const { severity, from, to } of parts) {
    pen.beginPath();
    pen.strokeStyle = palette.severity[severity];
    pen.arc(MIDDLE, MIDDLE, RING, angle(from + gap), angle(to - gap));
    pen.stroke();
  }
  const worst = parts[0]?.severity ?? "minor";
  pen.save();
  pen.translate(MIDDLE - 4.1, 3.2);
  pen.scale(0.34, 0.34);
  const shape = new Path2D(SEVERITY_SHAPE[worst]);
  pen.fillStyle = palette.severity[worst];
  pen.strokeStyle = palette.severity[worst];
  pen.lineWidth = 2;
  pen.fill(shape);
  pen.stroke(shape);
  pen.restore();
}
