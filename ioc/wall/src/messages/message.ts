/** Who was told what, when, by which channel; and endpoints of units. Pure. */

import { t } from "../i18n/language";
import { isJson, type Json, number, type Severity, severity, text, time } from "../model";

/** Of ioc/tell/order.py: the reason that comes of people and not of a machine. */
const NOT_READ = "nobody read it in the page in time, and no channel is left";

/** Why a message was not told, in the reader's language where it is ours; what a machine answered stays as it is. */
export function reasonText(reason: string): string {
  return reason === NOT_READ ? t("messages.notread") : reason;
}

export interface Item {
  title: string;
  titleEn: string;
  body: string;
  bodyEn: string;
  ticket: string;
  incident: string;
  link: string;
}

/** One sending by one channel, and what became of it. */
export interface Attempt {
  channel: string;
  address: string;
  begunAt: number | null;
  endedAt: number | null;
  outcome: string;
  reason: string;
  receipt: string;
  receiptAt: number | null;
}

export interface Message {
  id: string;
  recipient: string;
  /** Of the person or the endpoint; empty: gone. */
  name: string;
  severity: Severity;
  /** waiting, told or dead. */
  state: string;
  title: string;
  titleEn: string;
  /** How many things it tells. */
  items: number;
  channel: string;
  tries: number;
  /** One more each time that a person has it sent again. */
  round: number;
  repeats: boolean;
  toldBy: string;
  reason: string;
  createdAt: number | null;
  dueAt: number | null;
}

/** A message with what it tells and each sending of it. */
export interface Whole {
  items: Item[];
  attempts: Attempt[];
}

export interface Endpoint {
  code: string;
  kind: string;
  name: string;
  centre: string;
  unit: string;
  address: string;
  template: Json | null;
  hasSecret: boolean;
  enabled: boolean;
  version: number;
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : []);

function readItem(one: Json): Item {
  const title = text(one.title);
  const body = text(one.body);
  return {
    title,
    titleEn: text(one.title_en) || title,
    body,
    bodyEn: text(one.body_en) || body,
    ticket: text(one.ticket),
    incident: text(one.incident),
    link: text(one.link),
  };
}

function readAttempt(one: Json): Attempt {
  return {
    channel: text(one.channel),
    address: text(one.address),
    begunAt: time(one.begun_at),
    endedAt: time(one.ended_at),
    outcome: text(one.outcome),
    reason: text(one.reason),
    receipt: text(one.receipt),
    receiptAt: time(one.receipt_at),
  };
}

function readMessage(one: Json): Message {
  const title = text(one.title);
  return {
    id: text(one.id),
    recipient: text(one.recipient),
    name: text(one.name),
    severity: severity(one.severity),
    state: text(one.state),
    title,
    titleEn: text(one.title_en) || title,
    items: number(one.items) ?? 1,
    channel: text(one.channel),
    tries: number(one.tries) ?? 0,
    round: number(one.round) ?? 1,
    repeats: one.repeats === true,
    toldBy: text(one.told_by),
    reason: text(one.reason),
    createdAt: time(one.created_at),
    dueAt: time(one.due_at),
  };
}

export function readMessages(body: unknown): { messages: Message[]; dead: number; next: string } {
  if (!isJson(body)) return { messages: [], dead: 0, next: "" };
  return {
    messages: list(body.messages).map(readMessage),
    dead: number(body.dead) ?? 0,
    next: text(body.next),
  };
}

export function readWhole(body: unknown): Whole {
  if (!isJson(body)) return { items: [], attempts: [] };
  return { items: list(body.items).map(readItem), attempts: list(body.deliveries).map(readAttempt) };
}

export function readEndpoints(body: unknown): Endpoint[] {
  return list(isJson(body) ? body.endpoints : []).map((one) => ({
    code: text(one.code),
    kind: text(one.kind),
    name: text(one.name, text(one.code)),
    centre: text(one.centre),
    unit: text(one.unit),
    address: text(one.address),
    template: isJson(one.template) ? one.template : null,
    hasSecret: one.has_secret === true,
    enabled: one.enabled !== false,
    version: number(one.version) ?? 0,
  }));
}

/** Dead letters first, as somebody has to do something about them; then the newest. */
export function deadFirst(a: Message, b: Message): number {
  return Number(b.state === "dead") - Number(a.state === "dead") || (b.createdAt ?? 0) - (a.createdAt ?? 0);
}
