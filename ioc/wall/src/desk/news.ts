/** Waits for news while the page is looked at. */

import { backoff } from "../live";

/** The server answers when there is news, or after 25 s; quicker than this it is never asked again. */
export const LEAST_MS = 1_000;

export interface NewsOptions {
  /** Answers when there is news, or when the server has nothing to tell for a while. */
  ask: (signal: AbortSignal) => Promise<void>;
  pause?: (milliseconds: number) => Promise<void>;
  random?: () => number;
}

/** Asks again and again, each time as soon as the question before is answered; where that fails, after a growing pause. */
export class News {
  private asking: AbortController | null = null;
  private readonly pause: (milliseconds: number) => Promise<void>;

  constructor(private readonly options: NewsOptions) {
    this.pause =
      options.pause ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)));
  }

  /** Whether the page is looked at now: hidden it takes no connection of the server. */
  look(seen: boolean): void {
    if (seen === (this.asking !== null)) return;
    this.asking?.abort();
    this.asking = seen ? new AbortController() : null;
    if (this.asking) void this.run(this.asking.signal);
  }

  private async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      let wait = LEAST_MS;
      try {
        await this.options.ask(signal);
        failures = 0;
      } catch {
        wait = backoff(failures, this.options.random ?? Math.random);
        failures += 1;
      }
      if (!signal.aborted) await this.pause(wait);
    }
  }
}
