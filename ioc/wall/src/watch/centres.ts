/** What the strip of centres shows of each: its name, its link, what is open in it. Pure. */

import type { Session } from "../api";
import type { Board } from "../board";
import { language } from "../i18n/language";
import { isJson, isOpen, isWaiting, number, type Severity, text, time, worse } from "../model";
import { isLate, isOpen as isTicketOpen, type Ticket } from "../tickets/ticket";

export const LINKS = ["live", "late", "silent", "none"] as const;
type LinkState = (typeof LINKS)[number];

/** How a centre is linked; `heardAt`: when its newest message arrived, in milliseconds since the epoch. */
export interface Link {
  state: LinkState;
  heardAt: number | null;
}

/** A centre's own things, counted. */
export interface CentreCount {
  open: number;
  worst: Severity | null;
  /** Whether one of the worst has been taken by nobody. */
  worstWaits: boolean;
  waiting: number;
  devices: number;
  fresh: number;
  cameras: number;
  live: number;
}

/** The answer of `/api/v1/centres/state` by centre; null when it is none. */
export function readLinks(body: unknown): Map<string, Link> | null {
  if (!isJson(body) || !Array.isArray(body.centres)) return null;
  const links = new Map<string, Link>();
  for (const one of body.centres.filter(isJson)) {
    const state = LINKS.find((known) => known === one.link) ?? "none";
    if (number(one.devices) !== null) links.set(text(one.code), { state, heardAt: time(one.heard_at) });
  }
  return links;
}

/** Everything of each centre on the board, whatever the filter shows. */
export function countCentres(board: Board, codes: readonly string[]): Map<string, CentreCount> {
  const counts = new Map(
    codes.map((code): [string, CentreCount] => [
      code,
      {
        open: 0,
        worst: null,
        worstWaits: false,
        waiting: 0,
        devices: 0,
        fresh: 0,
        cameras: 0,
        live: 0,
      },
    ]),
  );
  for (const incident of board.incidents.values()) {
    const count = counts.get(incident.centre);
    if (!count || !isOpen(incident)) continue;
    count.open += 1;
    const waits = isWaiting(incident);
    if (waits) count.waiting += 1;
    const worst = worse(count.worst ?? incident.severity, incident.severity);
    if (worst !== count.worst) count.worstWaits = false;
    if (worst === incident.severity && waits) count.worstWaits = true;
    count.worst = worst;
  }
  for (const { centre, state } of board.devices.values()) {
    const count = counts.get(centre);
    if (!count) continue;
    count.devices += 1;
    if (state === "fresh") count.fresh += 1;
  }
  for (const { centre, state } of board.cameras.values()) {
    const count = counts.get(centre);
    if (!count) continue;
    count.cameras += 1;
    if (state === "live") count.live += 1;
  }
  return counts;
}

/** How many tickets of each centre are late, which alone of what is counted depends on the hour; none for 0. */
export function countLate(tickets: Iterable<Ticket>, now: number): Map<string, number> {
  const late = new Map<string, number>();
  for (const ticket of tickets)
    if (isTicketOpen(ticket) && isLate(ticket, now))
      late.set(ticket.centre, (late.get(ticket.centre) ?? 0) + 1);
  return late;
}

/** The names of the reader's centres in the present language. */
export function centreNames(session: Pick<Session, "centres">): (code: string) => string {
  return (code) => {
    const found = session.centres.find((one) => one.code === code);
    const name = text(found?.name, code);
    return language() === "vi" ? name : text(found?.name_en) || name;
  };
}

/** Names without the words that most of them begin or end with, so that they fit in a strip. */
export function shortNames(names: readonly string[]): string[] {
  if (names.length < 2) return [...names];
  const words = names.map((name) => name.split(" "));
  const shared = (at: (list: string[]) => string | undefined, part: string | undefined) =>
    part !== undefined && words.filter((list) => at(list) === part).length > words.length / 2;
  return words.map((list) => {
    let [from, to] = [0, list.length];
    while (to - from > 1 && shared((other) => other[from], list[from])) from += 1;
    while (to - from > 1) {
      const back = list.length - to + 1;
      if (!shared((other) => other.at(-back), list.at(-back))) break;
      to -= 1;
    }
    return list.slice(from, to).join(" ");
  });
}
