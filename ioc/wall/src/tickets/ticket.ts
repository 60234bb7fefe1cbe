/** Tickets as the server tells them, checked at the door; and what follows from one at a moment. Pure. */

import {
  isJson,
  type Json,
  number,
  type Position,
  pointOf,
  position,
  SEVERITIES,
  type Severity,
  severity,
  text,
  time,
} from "../model";

export const STATES = [
  "new",
  "accepted",
  "working",
  "waiting",
  "resolved",
  "verified",
  "closed",
  "reopened",
  "cancelled",
] as const;

const OPEN = new Set(["new", "accepted", "working", "waiting", "reopened"]);
const LIVE = new Set([...OPEN, "resolved", "verified"]);
const UNACCEPTED = new Set(["new", "reopened"]);

/** What a unit has to do; all times in milliseconds since the epoch. */
export interface Ticket {
  id: string;
  /** What people say on the telephone. */
  number: number;
  version: number;
  incident: string;
  parent: string | null;
  unit: string;
  unitName: string;
  unitNameEn: string;
  sender: string;
  centre: string;
  areaName: string;
  position: Position | null;
  title: string;
  titleEn: string;
  task: string;
  category: string;
  severity: Severity;
  state: string;
  owner: string;
  team: string;
  bounces: number;
  reopens: number;
  policy: number;
  openedAt: number | null;
  receivedAt: number | null;
  acceptBy: number | null;
  dueAt: number | null;
  /** Seconds that are left on a clock that stands still; null while it runs, or where there is none. */
  rest: number | null;
  acceptedAt: number | null;
  startedAt: number | null;
  waitingSince: number | null;
  waitingWhy: string;
  resolvedAt: number | null;
  resolvedBy: string;
  result: string;
  verifiedAt: number | null;
  closedAt: number | null;
}

/** A line of a ticket's log. */
export interface Line {
  at: number | null;
  who: string;
  what: string;
  text: string;
  unit: string;
  /** The other end: a unit's code, a login, a severity or a ticket's number, as `what` has it. */
  to: string;
  state: string;
  /** When it was done by the device's clock, where it was sent later. */
  madeAt: number | null;
  photos: string[];
}

/** A ticket with all that hangs on it, as `/api/v1/tickets/{id}` gives it. */
export interface TicketRecord extends Ticket {
  log: Line[];
  photos: string[];
  parentTicket: Ticket | null;
  subs: Ticket[];
  about: { id: string; title: string; titleEn: string; status: string } | null;
  /** The steps that its state allows now. */
  steps: string[];
}

const MEDIA = /^\/api\/v1\/media\/[0-9a-fA-F-]{1,64}$/;

function pictures(value: unknown): string[] {
  return Array.isArray(value) ? value.map((one) => text(one)).filter((one) => MEDIA.test(one)) : [];
}

export function readTicket(value: unknown): Ticket | null {
  if (!isJson(value)) return null;
  const id = text(value.id);
  if (id === "") return null;
  const title = text(value.title, id);
  const unit = text(value.unit);
  const unitName = text(value.unit_name, unit);
  return {
    id,
    number: number(value.number) ?? 0,
    version: number(value.version) ?? 0,
    incident: text(value.incident) || (isJson(value.incident) ? text(value.incident.id) : ""),
    parent: text(value.parent) || (isJson(value.parent) ? text(value.parent.id) : "") || null,
    unit,
    unitName,
    unitNameEn: text(value.unit_name_en) || unitName,
    sender: text(value.sender),
    centre: text(value.centre),
    areaName: text(value.area_name),
    position: position(value.position),
    title,
    titleEn: text(value.title_en) || title,
    task: text(value.task),
    category: text(value.category, "other"),
    severity: severity(value.severity),
    state: text(value.state, "new"),
    owner: text(value.owner),
    team: text(value.team),
    bounces: number(value.bounces) ?? 0,
    reopens: number(value.reopens) ?? 0,
    policy: number(value.policy) ?? 0,
    openedAt: time(value.opened_at),
    receivedAt: time(value.received_at),
    acceptBy: time(value.accept_by),
    dueAt: time(value.due_at),
    rest: number(value.rest_s),
    acceptedAt: time(value.accepted_at),
    startedAt: time(value.started_at),
    waitingSince: time(value.waiting_since),
    waitingWhy: text(value.waiting_why),
    resolvedAt: time(value.resolved_at),
    resolvedBy: text(value.resolved_by),
    result: text(value.result),
    verifiedAt: time(value.verified_at),
    closedAt: time(value.closed_at),
  };
}

/** A ticket as the live stream tells it: a GeoJSON feature. */
export function readTicketFeature(id: string, feature: unknown): Ticket | null {
  if (!isJson(feature) || !isJson(feature.properties)) return null;
  const ticket = readTicket({ ...feature.properties, id });
  return ticket && { ...ticket, position: ticket.position ?? pointOf(feature) };
}

export function readLine(value: Json): Line {
  return {
    at: time(value.at),
    who: text(value.who),
    what: text(value.what),
    text: text(value.text),
    unit: text(value.unit),
    to: text(value.to),
    state: text(value.state),
    madeAt: time(value.made_at),
    photos: pictures(value.photos),
  };
}

const lines = (value: unknown) => (Array.isArray(value) ? value.filter(isJson).map(readLine) : []);

const several = (value: unknown) =>
  Array.isArray(value) ? value.map(readTicket).filter((one) => one !== null) : [];

export function readTicketRecord(body: unknown): TicketRecord | null {
  if (!isJson(body)) return null;
  const ticket = readTicket(body);
  if (!ticket) return null;
  const about = isJson(body.incident) ? body.incident : null;
  return {
    ...ticket,
    log: lines(body.log),
    photos: pictures(body.photos),
    parentTicket: isJson(body.parent) ? readTicket(body.parent) : null,
    subs: several(body.subs),
    about: about && {
      id: text(about.id),
      title: text(about.title),
      titleEn: text(about.title_en) || text(about.title),
      status: text(about.status),
    },
    steps: Array.isArray(body.steps) ? body.steps.map((one) => text(one)).filter(Boolean) : [],
  };
}

export function readTickets(body: unknown): { tickets: Ticket[]; next: string } {
  if (!isJson(body)) return { tickets: [], next: "" };
  return { tickets: several(body.tickets), next: text(body.next) };
}

/** What a refusal for a stale version tells: the ticket of now, and the lines since the version that was seen. */
export function readConflict(body: Json): { current: TicketRecord | null; since: Line[] } {
  return { current: readTicketRecord(body.current), since: lines(body.log) };
}

/** Whether the unit has something to do. */
export function isOpen(ticket: { state: string }): boolean {
  return OPEN.has(ticket.state);
}

/** Whether somebody, the unit or who verifies, has something to do. */
export function isLive(ticket: { state: string }): boolean {
  return LIVE.has(ticket.state);
}

/** The deadline that counts now: to accept it, or to have it done; null where none runs. */
export function deadline(ticket: Ticket): { kind: "accept" | "done"; at: number } | null {
  if (!isOpen(ticket)) return null;
  const accept = UNACCEPTED.has(ticket.state) ? ticket.acceptBy : null;
  const { dueAt } = ticket;
  if (accept !== null && (dueAt === null || accept <= dueAt)) return { kind: "accept", at: accept };
  return dueAt === null ? null : { kind: "done", at: dueAt };
}

/** By how many milliseconds the deadline is missed that counts; nought or less: it is not. */
export function lateBy(ticket: Ticket, now: number): number {
  const counts = deadline(ticket);
  return counts === null ? -Infinity : now - counts.at;
}

export function isLate(ticket: Ticket, now: number): boolean {
  return lateBy(ticket, now) > 0;
}

/** The longest late first, then whose deadline is nearest, then the gravest, then by number. */
export function mostUrgent(a: Ticket, b: Ticket): number {
  const [first, second] = [deadline(a)?.at ?? Infinity, deadline(b)?.at ?? Infinity];
  if (first !== second) return first - second;
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || a.number - b.number;
}

/** Who the reader is to a ticket: a login, and the teams in which they are, as `unit/code`. */
export interface Self {
  login: string;
  teams: ReadonlySet<string>;
}

function isMine(ticket: Ticket, self: Self): boolean {
  if (ticket.owner !== "") return ticket.owner === self.login;
  return ticket.team !== "" && self.teams.has(`${ticket.unit}/${ticket.team}`);
}

export interface Wish {
  unit: string;
  state: string;
  late: boolean;
  mine: boolean;
}

/** Those that are live and fit what is asked for, the most urgent first. */
export function queueOf(all: Iterable<Ticket>, wish: Wish, self: Self, now: number): Ticket[] {
  return [...all]
    .filter(
      (one) =>
        isLive(one) &&
        (wish.unit === "" || one.unit === wish.unit) &&
        (wish.state === "" || one.state === wish.state) &&
        (!wish.late || isLate(one, now)) &&
        (!wish.mine || isMine(one, self)),
    )
    .sort(mostUrgent);
}

/** The ticket that leads, then its sub-tickets, each by number: the order within an incident. */
export function byFamily(a: Ticket, b: Ticket): number {
  return Number(a.parent !== null) - Number(b.parent !== null) || a.number - b.number;
}
