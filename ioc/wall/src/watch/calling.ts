/** When the sound for extreme incidents is due, and until when this wall is mute. Pure. */

/** So often is it heard again while nobody takes one of them. */
export const AGAIN_MS = 20_000;
/** A wall that is made mute is so for this long, and says until when. */
export const MUTE_MS = 15 * 60_000;

/** Remembers what it called for. */
export class Calling {
  private known: ReadonlySet<string> = new Set();
  private last: number | null = null;

  /**
   * Whether the sound is due now: something waits that did not, or nobody has come for AGAIN_MS.
   *
   * @param waiting the extreme incidents that nobody has taken on
   * @param now monotonic, in milliseconds
   */
  due(waiting: readonly string[], now: number): boolean {
    const fresh = waiting.some((id) => !this.known.has(id));
    this.known = new Set(waiting);
    if (waiting.length === 0) this.last = null;
    else if (fresh || this.last === null || now - this.last >= AGAIN_MS) {
      this.last = now;
      return true;
    }
    return false;
  }
}

/** Until when this wall is mute, out of what was kept; null when it is not, or for longer than can have been asked for. */
export function readMute(kept: string | null, now: number): number | null {
  const until = Number(kept ?? "");
  return Number.isFinite(until) && until > now && until <= now + MUTE_MS ? until : null;
}
