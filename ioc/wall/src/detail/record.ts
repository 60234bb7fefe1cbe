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
  centre: string;
  openedAt: number | null;
  updatedAt: number | null;
  position: Position | null;
  /** All of its alarms, and those that hold; `alarms` are the newest. */
  alarmCount: number;
  holding: number;
  /** Of a duplicate: the incident at the end of the chain. */
  leadsTo: string | null;
  /** What its state allows. */
  steps: string[];
  undo: Undoable | null;
  related: Related[];
  seen: Sight[];
  checklist: Item[];
  alarms: AlarmRecord[];
  log: { at: number | null; who: string; what: string; text: string }[];
}

/** A merge, duplicate or split that can be undone. */
export interface Undoable {
  kind: string;
  who: string;
  at: number | null;
}

/** Another incident; `kind` is what this one is to it. */
export interface Related {
  id: string;
  kind: string;
  title: string;
  titleEn: string;
  status: string;
}

export interface Sight {
  who: string;
  lastAt: number | null;
  version: number;
}

/** A step of the procedure; `doneBy` empty: nobody has done it. */
export interface Item {
  item: string;
  title: string;
  titleEn: string;
  required: boolean;
  doneBy: string;
  doneAt: number | null;
  note: string;
}

/** The last thing that a person did, as a refusal tells it. */
export interface Latest {
  who: string;
  what: string;
  text: string;
  at: number | null;
}

export interface AlarmRecord {
  id: string;
  kind: "sensor" | "camera" | "citizen" | "agency" | "system" | "other";
  title: string;
  titleEn: string;
  /** How it came to this incident. */
  match: string;
  category: string;
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
  /** What a camera showed before its picture went wrong. */
  before: string | null;
  /** Why a camera is as it is. */
  reason: string;
  clip: ClipRecord | null;
  /** Of a citizen's alarm the report's id, of an agency's the notice's. */
  report: string;
  notice: string;
  /** Left, top, width, height as parts of the picture's width and height, or null. */
  box: readonly [number, number, number, number] | null;
}

/** The film of a sighting: moving pictures, or a sheet of stills where too many cameras had to be masked at once. */
export interface ClipRecord {
  url: string;
  stills: boolean;
  seconds: number | null;
}

/** Sources of alarms that the panel knows. */
const KINDS = ["sensor", "camera", "citizen", "agency", "system"] as const;

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
  const kind = KINDS.find((known) => known === value.source_kind) ?? "other";
  const [picture, before] = [text(evidence.picture), text(evidence.before)];
  return {
    id: text(value.id, text(value.key)),
    kind,
    title: text(value.title),
    titleEn: text(value.title_en) || text(value.title),
    match: text(value.match),
    category: text(value.category, "other"),
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
    rule: text(value.rule) || text(evidence.rule),
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
    before: MEDIA.test(before) ? before : null,
    reason: text(evidence.reason),
    clip: readClip(evidence.clip),
    report: text(evidence.report),
    notice: text(evidence.notice),
    box: readBox(evidence.box),
  };
}

function readLine(value: Json): IncidentRecord["log"][number] {
  return { at: time(value.at), who: text(value.who), what: text(value.what), text: text(value.text) };
}

function readItem(value: Json): Item {
  return {
    item: text(value.item),
    title: text(value.vi),
    titleEn: text(value.en) || text(value.vi),
    required: value.required === true,
    doneBy: text(value.done_by),
    doneAt: time(value.done_at),
    note: text(value.note),
  };
}

function readRelated(value: Json): Related {
  const title = text(value.title);
  return {
    id: text(value.incident),
    kind: text(value.kind),
    title,
    titleEn: text(value.title_en) || title,
    status: text(value.status),
  };
}

function readSight(value: Json): Sight {
  return { who: text(value.who), lastAt: time(value.last_at), version: number(value.version) ?? 0 };
}

function holdingThenWorst(a: AlarmRecord, b: AlarmRecord): number {
  const over = (alarm: AlarmRecord) => (alarm.clearedAt === null ? 0 : 1);
  return over(a) - over(b) || SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
}

export function readRecord(value: unknown): IncidentRecord | null {
  if (!isJson(value) || text(value.id) === "") return null;
  const list = (entries: unknown) => (Array.isArray(entries) ? entries.filter(isJson) : []);
  const alarms = list(value.alarms).map(readAlarm).sort(holdingThenWorst);
  const undo = isJson(value.undo) ? value.undo : null;
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
    centre: text(value.centre),
    openedAt: time(value.opened_at),
    updatedAt: time(value.updated_at),
    position: position(value.position),
    alarmCount: number(value.alarm_count) ?? alarms.length,
    holding: number(value.holding) ?? alarms.filter((alarm) => alarm.clearedAt === null).length,
    leadsTo: text(value.leads_to) || null,
    steps: Array.isArray(value.steps) ? value.steps.filter((step) => typeof step === "string") : [],
    undo: undo && { kind: text(undo.kind), who: text(undo.who), at: time(undo.at) },
    related: list(value.related).map(readRelated),
    seen: list(value.seen).map(readSight),
    checklist: list(value.checklist).map(readItem),
    alarms,
    log: list(value.log).map(readLine),
  };
}

/** The present state that a 409 carries: the record itself, or under `current`. */
export function readConflict(body: Json): IncidentRecord | null {
  return readRecord(body.current) ?? readRecord(body.incident) ?? readRecord(body);
}

/** What a person did last, of a refusal; null where nobody did anything. */
export function readLatest(body: Json): Latest | null {
  const latest = body.latest;
  if (!isJson(latest) || text(latest.who) === "") return null;
  return { who: text(latest.who), what: text(latest.what), text: text(latest.text), at: time(latest.at) };
}
