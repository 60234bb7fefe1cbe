/** How far behind the newest picture the shown one stays, in seconds: enough for a picture that comes a little late. */
export const TARGET_S = 0.25;
/** Farther behind than this is not caught up but jumped over. */
export const JUMP_S = 1.2;
/** What is older than this behind the shown picture is dropped from memory. */
export const KEPT_S = 8;
const SLACK_S = 0.12;
const FASTER = 1.15;
const SLOWER = 0.9;
/** What comes later than this was old when it came: the server's clock is known more exactly. */
const OLD_MS = 4_000;

export interface Range {
  start: number;
  end: number;
}

export interface Step {
  /** Where to go on at once, in seconds; null to go on as it is. */
  seek: number | null;
  rate: number;
}

/**
 * How playing goes on so that it stays at the live edge.
 *
 * @param ranges what the browser holds, in order
 * @param now the time that is shown, in seconds
 */
export function step(ranges: Range[], now: number): Step {
  const last = ranges.at(-1);
  if (!last) return { seek: null, rate: 1 };
  const behind = last.end - now;
  const inside = now >= last.start - 0.01 && now <= last.end + 0.01;
  if (!inside || behind > JUMP_S) {
    const seek = Math.max(last.start, last.end - TARGET_S);
    // A range that has only begun is entered at once, and never left backwards.
    return { seek: Math.abs(seek - now) > 0.02 ? seek : null, rate: 1 };
  }
  if (behind > TARGET_S + SLACK_S) return { seek: null, rate: FASTER };
  if (behind < TARGET_S - SLACK_S) return { seek: null, rate: SLOWER };
  return { seek: null, rate: 1 };
}

/** Up to which time the browser may forget, null when it is not worth it yet. */
export function old(ranges: Range[], now: number): number | null {
  const first = ranges[0];
  const until = now - KEPT_S;
  return first && until - first.start > KEPT_S ? until : null;
}

/**
 * How late what is shown is. The clocks of server and browser differ by an unknown time; the quickest picture of the
 * last while is taken as one that came at once, so that the answer is late by the network's shortest way at the most.
 * The last pictures of a camera that sends no more came late by the server's clock too, and keep their age.
 */
export class Delay {
  private readonly lags: { at: number; lag: number }[] = [];
  private newest: { at: number; media: number } | null = null;

  /**
   * @param now when it came, by the browser's clock (ms since the epoch)
   * @param server the same by the server's clock, as well as it is known here
   */
  came(taken: { at: number; media: number }, now: number, server: number): void {
    this.newest = taken;
    this.lags.push({ at: now, lag: now - (server - taken.at > OLD_MS ? server : taken.at) });
    while (this.lags.length > 1 && now - (this.lags[0]?.at ?? now) > 30_000) this.lags.shift();
  }

  /** When the newest picture was taken, by the browser's clock; null when none has come. */
  get takenAt(): number | null {
    return this.newest === null ? null : this.newest.at + this.ahead();
  }

  /** How old the picture that is shown at a media time is, in milliseconds. */
  of(media: number, now: number): number | null {
    if (this.newest === null) return null;
    return Math.max(0, now - this.ahead() - (this.newest.at + (media - this.newest.media) * 1000));
  }

  private ahead(): number {
    return Math.min(...this.lags.map(({ lag }) => lag));
  }
}
