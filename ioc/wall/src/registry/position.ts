import type { Position } from "../model";

/** What somebody typed as a place: degrees of WGS 84, or metres of VN-2000; or why it is none. */
export type Typed =
  | { kind: "degrees"; position: Position; swapped: boolean }
  | { kind: "plane"; easting: number; northing: number }
  | { kind: "empty" }
  | { kind: "fault"; fault: "unreadable" | "outside" };

/** Vietnam with its seas, generously: west, south, east, north. */
const REACH = [102, 7, 118, 24] as const;
/** Metres that VN-2000 has in Vietnam: a northing is never read as an easting. */
const NORTHINGS = [770_000, 2_660_000] as const;
const EASTINGS = [100_000, 900_000] as const;

const UNREADABLE: Typed = { kind: "fault", fault: "unreadable" };

function within(lon: number, lat: number): boolean {
  const [west, south, east, north] = REACH;
  return lon >= west && lon <= east && lat >= south && lat <= north;
}

/** A number as people write it, with a comma or a point, perhaps with the other one between thousands; else NaN. */
function numberOf(written: string): number {
  const decimal = Math.max(written.lastIndexOf(","), written.lastIndexOf("."));
  const alone = decimal >= 0 && written.indexOf(written.charAt(decimal)) === decimal;
  const whole = alone ? written.slice(0, decimal) : written;
  const grouped = /^-?\d{1,3}(?:[.,]\d{3})+$/.test(whole) ? whole.replace(/[.,]/g, "") : whole;
  const plain = alone ? `${grouped}.${written.slice(decimal + 1)}` : grouped;
  return /^-?\d+(?:\.\d+)?$/.test(plain) ? Number(plain) : Number.NaN;
}

/** The two parts of a pair, at what can only be a separator: a comma alone may be one of decimals. */
function pairOf(written: string): string[] {
  if (/[;/|]/.test(written)) return written.split(/\s*[;/|]\s*/);
  if (/,\s/.test(written)) return written.split(/,\s+/);
  if (/\s/.test(written)) return written.split(/\s+/);
  return written.includes(".") ? written.split(",") : [written];
}

/** Degrees, minutes and seconds twice over, as `15°52'48"N 108°19'48"E`; null where it is not that. */
function sexagesimal(written: string): [number, number] | null {
  if (!written.includes("°")) return null;
  const angles = [
    ...written.matchAll(
      /(\d+(?:[.,]\d+)?)\s*°\s*(?:(\d+(?:[.,]\d+)?)\s*['′’]\s*)?(?:(\d+(?:[.,]\d+)?)\s*(?:["″”]|''))?/g,
    ),
  ];
  const [one, two] = angles.map(([, degrees = "0", minutes = "0", seconds = "0"]) =>
    [degrees, minutes, seconds].reduce((sum, part, at) => sum + numberOf(part) / 60 ** at, 0),
  );
  return angles.length === 2 && one !== undefined && two !== undefined ? [one, two] : null;
}

function degrees(one: number, two: number): Typed {
  const round = (value: number) => Math.round(value * 1e7) / 1e7;
  if (within(two, one)) return { kind: "degrees", position: [round(two), round(one)], swapped: false };
  if (within(one, two)) return { kind: "degrees", position: [round(one), round(two)], swapped: true };
  return { kind: "fault", fault: "outside" };
}

/**
 * Reads a place as it stands on paper: `15,88 108,33`, `15.88, 108.33`, degrees with minutes and seconds, or two
 * numbers of metres in VN-2000, of which the greater is the northing (X on Vietnamese maps). Latitude is expected
 * first; the other order is told by the size, and said.
 */
export function readTyped(text: string): Typed {
  const written = text.trim().replace(/\b[XYxy]\s*[=:]\s*/g, "");
  if (written === "") return { kind: "empty" };
  const angles = sexagesimal(written);
  if (angles) return degrees(...angles);
  const parts = pairOf(written).map(numberOf);
  const [one, two] = parts;
  if (parts.length !== 2 || one === undefined || two === undefined || parts.some(Number.isNaN))
    return UNREADABLE;
  const [easting, northing] = one < two ? [one, two] : [two, one];
  const isOf = (value: number, [least, most]: readonly [number, number]) => value >= least && value <= most;
  if (isOf(northing, NORTHINGS) && isOf(easting, EASTINGS)) return { kind: "plane", easting, northing };
  return degrees(one, two);
}

/** A place as it is typed back: latitude first, with points, so that every map takes it. */
export function writtenOf([lon, lat]: Position): string {
  return `${Number(lat.toFixed(6))}, ${Number(lon.toFixed(6))}`;
}
