/** In which order a screen without hands shows what is open. Pure. */

import { type Incident, isOpen, isWaiting, SEVERITIES } from "../model";

/** So many are gone through before the worst comes again. */
export const MOST = 12;
export const SECONDS = 20;

/** The seconds for each of `?kiosk=`; null where the address asks for no kiosk. */
export function secondsOf(search: string): number | null {
  const wanted = new URLSearchParams(search).get("kiosk");
  if (wanted === null) return null;
  const seconds = Number(wanted);
  return wanted !== "" && Number.isFinite(seconds) ? Math.min(600, Math.max(3, seconds)) : SECONDS;
}

/** How much larger the map is drawn, by the pixels that the screen is wide: as much as the words beside it grow. */
export function largerBy(width: number): number {
  return Math.min(4, Math.max(1, Math.round(width / 192) / 10));
}

/** The worst first; among equals what nobody has taken on, then what is open longest. */
export function inTurn(incidents: Iterable<Incident>): Incident[] {
  const key = (one: Incident) => SEVERITIES.indexOf(one.severity) * 2 + (isWaiting(one) ? 0 : 1);
  const open = [...incidents].filter(isOpen);
  open.sort((a, b) => key(a) - key(b) || a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1));
  return open.slice(0, MOST);
}

/** Which one is shown, and which breaks in. */
export class Round {
  current: string | null = null;
  /** Whether what is shown broke in. */
  broke = false;
  /** Extreme incidents that have been seen; null before the first whole picture. */
  private known: Set<string> | null = null;
  private waiting: string[] = [];
  /** Where the round goes on after what broke in. */
  private last: string | null = null;

  /** Takes the present picture in; whether something else is to be shown at once. */
  see(incidents: Iterable<Incident>): boolean {
    const all = [...incidents];
    const extreme = all.filter((one) => one.severity === "extreme" && isOpen(one));
    const fresh = extreme.filter(({ id }) => this.known !== null && !this.known.has(id));
    this.known = new Set(extreme.map(({ id }) => id));
    this.waiting = [...this.waiting, ...fresh.map(({ id }) => id)].filter((id) => this.known?.has(id));
    const gone = !all.some((one) => one.id === this.current && isOpen(one));
    return (this.waiting.length > 0 && !this.broke) || (gone && (this.current !== null || all.some(isOpen)));
  }

  /** Goes on to the next; null when nothing is open. */
  next(incidents: Iterable<Incident>): Incident | null {
    const all = [...incidents];
    const list = inTurn(all);
    const first = this.waiting.shift();
    const breaks = all.find((one) => one.id === first);
    this.broke = breaks !== undefined;
    if (breaks) {
      this.current = breaks.id;
      return breaks;
    }
    const at = list.findIndex((one) => one.id === this.last);
    const found = list[(at + 1) % Math.max(1, list.length)] ?? null;
    this.current = found?.id ?? null;
    this.last = this.current;
    return found;
  }
}
