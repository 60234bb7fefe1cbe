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

/** The time of day in the phone's zone, with the day where it is not today. */
export function clock(at: number, now: number): string {
  const locale = language() === "vi" ? "vi-VN" : "en-GB";
  const [moment, today] = [new Date(at), new Date(now)];
  const time = moment.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
  if (moment.toDateString() === today.toDateString()) return time;
  return `${time} ${moment.toLocaleDateString(locale, { day: "2-digit", month: "2-digit" })}`;
}
