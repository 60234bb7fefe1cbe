/** What a person was told in the page. Pure. */

import { isJson, type Json, number, type Severity, severity, text, time } from "../model";

/** The event of the live stream, and of the page, that says that there is another number of them to read. */
export const TOLD = "told";

export interface Told {
  id: string;
  topic: string;
  severity: Severity;
  title: string;
  titleEn: string;
  body: string;
  bodyEn: string;
  link: string;
  ticket: string;
  incident: string;
  at: number | null;
  read: boolean;
}

function readTold(value: Json): Told {
  const title = text(value.title);
  const body = text(value.body);
  return {
    id: text(value.id) || String(value.id ?? ""),
    topic: text(value.topic),
    severity: severity(value.severity),
    title,
    titleEn: text(value.title_en) || title,
    body,
    bodyEn: text(value.body_en) || body,
    link: text(value.link),
    ticket: text(value.ticket),
    incident: text(value.incident),
    at: time(value.at),
    read: value.read === true || typeof value.read_at === "string",
  };
}

/** How many are unread, and the mark that changes with them: as the live stream tells it, and every answer. */
export interface Unread {
  unread: number;
  mark: string;
}

/** What the live stream's event says; null when it says nothing of it. */
export function readUnread(value: unknown): Unread | null {
  const unread = isJson(value) ? number(value.unread) : null;
  return unread === null || !isJson(value) ? null : { unread, mark: text(value.mark) };
}

export function readNotifications(body: unknown): Unread & { list: Told[] } {
  if (!isJson(body) || !Array.isArray(body.notifications)) return { list: [], unread: 0, mark: "" };
  const list = body.notifications.filter(isJson).map(readTold);
  const { unread, mark } = readUnread(body) ?? {
    unread: list.filter((one) => !one.read).length,
    mark: "",
  };
  return { list, unread, mark };
}

/** Where a notification leads: to its ticket, else its incident, on the wall; else the path it names; empty: nowhere. */
export function placeOf(told: Pick<Told, "ticket" | "incident" | "link">): string {
  if (told.ticket !== "") return `/#ticket=${encodeURIComponent(told.ticket)}`;
  if (told.incident !== "") return `/#incident=${encodeURIComponent(told.incident)}`;
  return /^\/(?![/\\])/.test(told.link) ? told.link : "";
}

/** "99+" where there are more than a badge can say. */
export function badgeText(unread: number): string {
  return unread > 99 ? "99+" : String(unread);
}
