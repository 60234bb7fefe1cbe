/** What the server tells, checked at the door: nothing behind this file meets an unknown shape. */

export const SEVERITIES = ["extreme", "severe", "moderate", "minor"] as const;
export type Severity = (typeof SEVERITIES)[number];
/** Longitude and latitude in degrees, WGS 84. */
export type Position = readonly [number, number];

export interface Incident {
  id: string;
  version: number;
  title: string;
  titleEn: string;
  category: string;
  severity: Severity;
  status: string;
  /** Whose it is, empty while it is nobody's. */
  owner: string;
  centre: string;
  areaCode: string;
  areaName: string;
  /** Milliseconds since the epoch, like every time in this file. */
  openedAt: number;
  updatedAt: number | null;
  /** When somebody took it on, where this page saw that happen. */
  takenAt: number | null;
  count: number;
  cleared: boolean;
  sources: string[];
  position: Position | null;
}

export interface Latest {
  value: number;
  unit: string;
  at: number | null;
  recordedAt: number | null;
  quality: string;
  /** fresh, stale or lost: of this stream alone, from its expected interval. */
  freshness: string;
  derived: boolean;
}

export interface Place {
  code: string;
  name: string;
  kind: string;
  centre: string;
  state: string;
  stateSince: number | null;
  areaCode: string;
  approximate: boolean;
  latest: Record<string, Latest>;
  position: Position | null;
  /** Of a camera: why it is as it is, and how good its stream is. */
  health: Health | null;
}

export interface Health {
  reason: string;
  link: string;
  grade: string;
  fps: number | null;
  expectedFps: number | null;
  reconnects: number | null;
  stalls: number | null;
}

export type Json = Record<string, unknown>;

export function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function text(value: unknown, otherwise = ""): string {
  return typeof value === "string" ? value : otherwise;
}

export function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function time(value: unknown): number | null {
  if (typeof value !== "string") return null;
  const parsed = Date.parse(value);
  return Number.isNaN(parsed) ? null : parsed;
}

export function severity(value: unknown): Severity {
  return SEVERITIES.find((known) => known === value) ?? "minor";
}

/** A longitude, latitude pair that can be on Earth, or null. */
export function position(value: unknown): Position | null {
  if (!Array.isArray(value)) return null;
  const [lon, lat] = [number(value[0]), number(value[1])];
  if (lon === null || lat === null || Math.abs(lon) > 180 || Math.abs(lat) > 90) return null;
  return [lon, lat];
}

export function pointOf(feature: Json): Position | null {
  const geometry = feature.geometry;
  return isJson(geometry) && geometry.type === "Point" ? position(geometry.coordinates) : null;
}

export function readIncident(id: string, feature: unknown): Incident | null {
  if (!isJson(feature) || !isJson(feature.properties)) return null;
  const p = feature.properties;
  return {
    id,
    version: number(p.version) ?? 0,
    title: text(p.title, id),
    titleEn: text(p.title_en) || text(p.title, id),
    category: text(p.category, "other"),
    severity: severity(p.severity),
    status: text(p.status, "new"),
    owner: text(p.owner),
    centre: text(p.centre),
    areaCode: text(p.area_code),
    areaName: text(p.area_name),
    openedAt: time(p.opened_at) ?? 0,
    updatedAt: time(p.updated_at),
    takenAt: null,
    count: number(p.count) ?? 1,
    cleared: p.cleared === true,
    sources: Array.isArray(p.sources) ? p.sources.filter((source) => typeof source === "string") : [],
    position: pointOf(feature),
  };
}

function readLatest(value: unknown): Record<string, Latest> {
  const latest: Record<string, Latest> = {};
  if (!isJson(value)) return latest;
  for (const [property, entry] of Object.entries(value)) {
    if (!isJson(entry)) continue;
    const reading = number(entry.value);
    if (reading === null) continue;
    latest[property] = {
      value: reading,
      unit: text(entry.unit),
      at: time(entry.at),
      recordedAt: time(entry.recorded_at),
      quality: text(entry.quality, "good"),
      freshness: text(entry.freshness, "fresh"),
      derived: entry.derived === true,
    };
  }
  return latest;
}

function readHealth(p: Json): Health | null {
  if (!("reconnects" in p)) return null;
  return {
    reason: text(p.reason),
    link: text(p.link),
    grade: text(p.grade),
    fps: number(p.fps),
    expectedFps: number(p.fps_expected),
    reconnects: number(p.reconnects),
    stalls: number(p.stalls),
  };
}

/** A device or a camera. */
export function readPlace(id: string, feature: unknown): Place | null {
  if (!isJson(feature) || !isJson(feature.properties)) return null;
  const p = feature.properties;
  const code = text(p.code, id);
  return {
    code,
    name: text(p.name, code),
    kind: text(p.profile) || text(p.kind),
    centre: text(p.centre),
    state: text(p.state),
    stateSince: time(p.state_since),
    areaCode: text(p.area_code),
    approximate: p.approximate === true,
    latest: readLatest(p.latest),
    position: pointOf(feature),
    health: readHealth(p),
  };
}

const OPEN = new Set(["new", "acknowledged", "in_progress", "reopened"]);
/** The states of an incident that nobody has taken on. */
export const WAITING = ["new", "reopened"];

export function isOpen(incident: { status: string }): boolean {
  return OPEN.has(incident.status);
}

/** It is open and nobody has taken it on yet. */
export function isWaiting(incident: { status: string }): boolean {
  return WAITING.includes(incident.status);
}

/** The ids of the extreme ones that nobody has taken on. */
export function extremeWaiting(incidents: Iterable<Incident>): string[] {
  return [...incidents].filter((one) => one.severity === "extreme" && isWaiting(one)).map(({ id }) => id);
}

/** The worse of two severities. */
export function worse(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) <= SEVERITIES.indexOf(b) ? a : b;
}

/** What waits longest of the worst that nobody has taken on; null when nothing waits. */
export function worstWaiting(incidents: Iterable<Incident>): Incident | null {
  const waiting = [...incidents].filter(isWaiting);
  const rank = (one: Incident) => SEVERITIES.indexOf(one.severity);
  waiting.sort((a, b) => rank(a) - rank(b) || a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1));
  return waiting[0] ?? null;
}

/** Worst first, then newest; the id settles ties, so that rows never swap by themselves. */
export function worstFirst(a: Incident, b: Incident): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    b.openedAt - a.openedAt ||
    (a.id < b.id ? 1 : -1)
  );
}
