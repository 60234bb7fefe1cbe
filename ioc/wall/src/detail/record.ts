import {
  isJson,
  type Json,
  number,
  type Position,
  position,
  SEVERITIES,
  type Severity,
  severity,
  text,
  time,
} from "../model";
import { readLevels, type Series } from "../readings";

/** The whole incident as `/api/v1/incidents/{id}` gives it. */
export interface IncidentRecord {
  id: string;
  version: number;
  title: string;
  titleEn: string;
  category: string;
  severity: Severity;
  status: string;
  owner: string;
  areaName: string;
  openedAt: number | null;
  updatedAt: number | null;
  position: Position | null;
  alarms: AlarmRecord[];
  log: { at: number | null; who: string; what: string; text: string }[];
}

export interface AlarmRecord {
  id: string;
  kind: "sensor" | "camera" | "other";
  source: string;
  sourceName: string;
  property: string;
  severity: Severity;
  raisedAt: number | null;
  seenAt: number | null;
  clearedAt: number | null;
  count: number;
  value: number | null;
  unit: string;
  limit: number | null;
  levels: Series["levels"];
  rule: string;
  ruleSource: string;
  phenomenon: string;
  /** The line or the zone, as it is called in the register. */
  subject: string;
  objectClass: string;
  direction: string;
  errorM: number | null;
  /** How many things, the part of the zone they cover (0..1), the speed on the ground, the detector's trust (0..1). */
  things: number | null;
  share: number | null;
  speedKmh: number | null;
  score: number | null;
  picture: string | null;
  clip: ClipRecord | null;
  /** Left, top, width, height as parts of the picture's width and height, or null. */
  box: readonly [number, number, number, number] | null;
}

/** The film of a sighting: moving pictures, or a sheet of stills where too many cameras had to be masked at once. */
export interface ClipRecord {
  url: string;
  stills: boolean;
  seconds: number | null;
}

const MEDIA = /^\/api\/v1\/media\/[0-9a-fA-F-]{1,64}$/;

/** Boxes are rounded on their way, so their far side may lie a hair outside. */
const ROUNDING = 0.001;

function readBox(value: unknown): AlarmRecord["box"] {
  if (!Array.isArray(value) || value.length !== 4) return null;
  const [left, top, width, height] = value.map(number);
  if (left == null || top == null || width == null || height == null) return null;
  const inside = left >= 0 && top >= 0 && left + width <= 1 + ROUNDING && top + height <= 1 + ROUNDING;
  return inside && width > 0 && height > 0 ? [left, top, width, height] : null;
}

function readClip(value: unknown): ClipRecord | null {
  if (!isJson(value) || !MEDIA.test(text(value.url))) return null;
  return { url: text(value.url), stills: value.kind === "stills", seconds: number(value.seconds) };
}

function readAlarm(value: Json): AlarmRecord {
  const evidence = isJson(value.evidence) ? value.evidence : {};
  const kind = value.source_kind;
  const picture = text(evidence.picture);
  return {
    id: text(value.id, text(value.key)),
    kind: kind === "sensor" || kind === "camera" ? kind : "other",
    source: text(value.source),
    sourceName: text(value.source_name, text(value.source)),
    property: text(value.property),
    severity: severity(value.severity),
    raisedAt: time(value.raised_at),
    seenAt: time(value.seen_at),
    clearedAt: time(value.cleared_at),
    count: number(value.count) ?? 1,
    value: number(evidence.value),
    unit: text(evidence.unit, text(value.unit)),
    limit: number(evidence.limit),
    levels: readLevels(evidence.levels),
    rule: text(evidence.rule),
    ruleSource: text(evidence.rule_source),
    phenomenon: text(evidence.kind),
    subject: text(evidence.subject),
    objectClass: text(evidence.object_class),
    direction: text(evidence.direction),
    errorM: number(evidence.error_m),
    things: number(evidence.count),
    share: number(evidence.share),
    speedKmh: number(evidence.speed_kmh),
    score: number(evidence.score),
    picture: MEDIA.test(picture) ? picture : null,
    clip: readClip(evidence.clip),
    box: readBox(evidence.box),
  };
}

function readLine(value: Json): IncidentRecord["log"][number] {
  return { at: time(value.at), who: text(value.who), what: text(value.what), text: text(value.text) };
}

function holdingThenWorst(a: AlarmRecord, b: AlarmRecord): number {
  const over = (alarm: AlarmRecord) => (alarm.clearedAt === null ? 0 : 1);
  return over(a) - over(b) || SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
}

export function readRecord(value: unknown): IncidentRecord | null {
  if (!isJson(value) || text(value.id) === "") return null;
  const list = (entries: unknown) => (Array.isArray(entries) ? entries.filter(isJson) : []);
  return {
    id: text(value.id),
    version: number(value.version) ?? 0,
    title: text(value.title),
    titleEn: text(value.title_en) || text(value.title),
    category: text(value.category, "other"),
    severity: severity(value.severity),
    status: text(value.status, "new"),
    owner: text(value.owner),
    areaName: text(value.area_name),
    openedAt: time(value.opened_at),
    updatedAt: time(value.updated_at),
    position: position(value.position),
    alarms: list(value.alarms).map(readAlarm).sort(holdingThenWorst),
    log: list(value.log).map(readLine),
  };
}

/** The present state that a 409 carries: the record itself, or under `current`. */
export function readConflict(body: Json): IncidentRecord | null {
  return readRecord(body.current) ?? readRecord(body.incident) ?? readRecord(body);
}
