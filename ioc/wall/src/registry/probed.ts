import { isJson, type Json, number, type Position, position, text } from "../model";
import { words } from "./thing";

export interface ProbeStep {
  step: string;
  ok: boolean;
  detail: string;
  failure: string;
}

export interface Profile {
  name: string;
  stream: string;
  snapshot: string;
  codec: string;
  width: number | null;
  height: number | null;
  fps: number | null;
}

/** What a probe found; nothing of it is kept anywhere. */
export interface Probed {
  steps: ProbeStep[];
  device: { maker: string; model: string; firmware: string; serial: string };
  profiles: Profile[];
  position: Position | null;
  bearing: number | null;
  /** Seconds by which the camera's clock is ahead. */
  skew: number | null;
  events: string[];
  picture: Blob | null;
  took: number | null;
}

function pictureOf(written: string): Blob | null {
  try {
    const bytes = Uint8Array.from(atob(written), (letter) => letter.charCodeAt(0));
    return bytes.length === 0 ? null : new Blob([bytes], { type: "image/jpeg" });
  } catch {
    return null;
  }
}

export function readProbed(body: unknown): Probed {
  const of = isJson(body) ? body : {};
  const list = (value: unknown) => (Array.isArray(value) ? value.filter(isJson) : []);
  const device = isJson(of.device) ? of.device : {};
  return {
    steps: list(of.steps).map((one) => ({
      step: text(one.step),
      ok: one.ok === true,
      detail: text(one.detail),
      failure: text(one.failure),
    })),
    device: {
      maker: text(device.maker),
      model: text(device.model),
      firmware: text(device.firmware),
      serial: text(device.serial),
    },
    profiles: list(of.profiles).map((one) => ({
      name: text(one.name),
      stream: text(one.stream),
      snapshot: text(one.snapshot),
      codec: text(one.codec),
      width: number(one.width),
      height: number(one.height),
      fps: number(one.fps),
    })),
    position: position(of.position),
    bearing: number(of.bearing),
    skew: number(of.clock_skew_s),
    events: words(of.events),
    picture: pictureOf(text(of.picture)),
    took: number(of.took_s),
  };
}

/** A clock that is so many seconds off spoils what a camera's events are worth. */
const SKEWED_S = 5;

export function isSkewed(skew: number | null): boolean {
  return skew !== null && Math.abs(skew) > SKEWED_S;
}

/** What the camera says of itself and the record says otherwise. */
export function news(raw: Json, found: Probed): Json {
  const set: Json = {};
  for (const [name, value] of Object.entries(found.device))
    if (value !== "" && text(raw[name]) !== value) set[name] = value;
  const before = position(raw.position);
  const far = (at: number) => Math.abs((before?.[at] ?? 999) - (found.position?.[at] ?? 0)) > 1e-6;
  if (found.position && (far(0) || far(1))) set.position = found.position;
  return set;
}

/** The size and rate of a stream, as far as they are known. */
export function sizeOf({ width, height }: Profile): string {
  return width === null || height === null ? "" : `${width} × ${height}`;
}

/** The last test pictures by their cameras' codes, for the calibration; gone with the page. */
export const PICTURES = new Map<string, Blob>();
