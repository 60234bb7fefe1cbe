/**
 * The server's time. A wall's own clock may be wrong by minutes; ages on the page must not be.
 */
let ahead = 0;

/** Takes the `Date` header of an answer that has just arrived (one second exact). */
export function setClock(date: string | null, now = Date.now()): void {
  const server = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(server)) return;
  const difference = server - now;
  // Within the header's own precision this machine's clock is the better one.
  ahead = Math.abs(difference) < 2000 ? 0 : difference;
}

/** Milliseconds since the epoch, by the server's clock. */
export function serverNow(): number {
  return Date.now() + ahead;
}

let looked: number | null = null;

/** The page shows what was at a moment; null: what is now. */
export function lookAt(at: number | null): void {
  looked = at;
}

/** The moment that is shown: ages on the page are relative to it. */
export function shownNow(): number {
  return looked ?? serverNow();
}
