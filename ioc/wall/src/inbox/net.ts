/** Requests to our own server, and what they tell beside their content: whether it is reached, and what time it is. */

/** Seconds after which a request counts as lost: a piece of a photograph takes five on a link of 64 kbit/s. */
const PATIENCE_MS = 40_000;

export class Net {
  /** When the server answered last (ms by its clock); 0: not since the page was opened. */
  heard = 0;
  /** What the server's clock is ahead of the phone's, ms: phones are wrong by minutes, and due times count. */
  ahead = 0;
  /** Whether the last request got an answer; null: none was made yet. */
  reached: boolean | null = null;
  onchange: () => void = () => undefined;

  now(): number {
    return Date.now() + this.ahead;
  }

  /** An answer, whatever its status. Throws when none comes. */
  readonly ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const response = await fetch(path, { credentials: "same-origin", cache: "no-store", signal, ...init });
      return this.note(response);
    } catch (error) {
      this.turn(false);
      throw error;
    }
  };

  note(response: Response): Response {
    const date = Date.parse(response.headers.get("Date") ?? "");
    if (!Number.isNaN(date)) {
      this.heard = date;
      // The header is cut to whole seconds, and the answer was on its way: smaller differences say nothing.
      this.ahead = Math.abs(date - Date.now()) < 5_000 ? 0 : date - Date.now();
    }
    // A proxy in front that answers for a server that is away is no answer of the server.
    this.turn(response.status < 502 || response.status > 504);
    return response;
  }

  turn(reached: boolean): void {
    if (this.reached === reached) return;
    this.reached = reached;
    this.onchange();
  }
}
