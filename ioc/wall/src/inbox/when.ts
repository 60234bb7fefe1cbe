/** Times in words: how long is left, how late it is, when something was. */

import { deadlineOf } from "./order";
import type { Entry } from "./wire";
import { language, t } from "./words";

const MINUTE = 60_000;

/** A span in its two largest parts: "2 giờ 5 phút", "3 ngày 4 giờ". */
export function span(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / MINUTE);
  if (minutes < 1) return t("moments");
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const parts: string[] = [];
  if (days > 0) parts.push(t("days", { n: days }));
  if (hours > 0) parts.push(t("hours", { n: hours }));
  if (rest > 0 && days === 0) parts.push(t("minutes", { n: rest }));
  return parts.join(" ");
}

export interface DueWords {
  text: string;
  late: boolean;
}

/** How a ticket stands against its clock at a moment (ms). */
export function dueWords(entry: Pick<Entry, "state" | "accept_by" | "due_at">, now: number): DueWords {
  const next = deadlineOf(entry);
  if (next === null) {
    const open = ["new", "accepted", "working", "waiting", "reopened"].includes(entry.state);
    return { text: open ? t(entry.state === "waiting" ? "stopped" : "nodue") : "", late: false };
  }
  const late = next.at < now;
  const key =
    next.what === "accept"
      ? late
        ? "acceptlate"
        : "acceptleft"
      : late
        ? ("late" as const)
        : ("left" as const);
  return { text: t(key, { span: span(next.at - now) }), late };
}

/** The centre's zone: what people say on the telephone is the same on every screen. (The wall's format.ts would bring
 * all of its words into this page.) */
let timeZone = "Asia/Ho_Chi_Minh";

/** What was kept by an earlier page names no zone. */
export function inZone(name: string | undefined): void {
  if (name) timeZone = name;
}

/** The time of day in the centre's zone, with the day where it is not today. */
export function clock(at: number, now: number): string {
  const locale = language() === "vi" ? "vi-VN" : "en-GB";
  const written = (ms: number, parts: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone, ...parts }).format(ms);
  const time = written(at, { hour: "2-digit", minute: "2-digit" });
  const day = { day: "2-digit", month: "2-digit", year: "numeric" } as const;
  if (written(at, day) === written(now, day)) return time;
  return `${time} ${written(at, { day: "2-digit", month: "2-digit" })}`;
}
