import { call, Refused } from "../api";
import { type Part, PartReader } from "./parts";

/** What one camera's parts are told to. */
export interface Screen {
  /** Video begins anew; false when this browser cannot play the codec. */
  begin(codec: string): boolean;
  /** Video; false when this browser cannot go on with it. */
  film(bytes: Uint8Array<ArrayBuffer>): boolean;
  /** No video for now, in a word why. */
  none(why: string): void;
  still(jpeg: Uint8Array<ArrayBuffer>, takenAt: number, state: string): void;
  /** The connection is gone; it is tried again. */
  lost(): void;
}

/** Without a byte for so long the connection is given up: the server sends something every few seconds. */
const SILENT_MS = 12_000;
const SOONEST_MS = 500;
const LATEST_MS = 10_000;
/** A page that nobody sees for so long lets the cameras go. */
const HIDDEN_MS = 10_000;

/** The connection that brings all cameras of a page, made again for as long as it is wanted. */
export class FilmSource {
  private readonly stills = new Set<string>();
  private attempt: AbortController | null = null;
  private closed = false;
  private failures = 0;
  private hiding: ReturnType<typeof setTimeout> | null = null;
  private wake: (() => void) | null = null;
  private readonly seen = () => this.visibility();

  constructor(private readonly screens: ReadonlyMap<string, Screen>) {}

  start(): void {
    document.addEventListener("visibilitychange", this.seen);
    void this.run();
  }

  close(): void {
    this.closed = true;
    document.removeEventListener("visibilitychange", this.seen);
    if (this.hiding !== null) clearTimeout(this.hiding);
    this.attempt?.abort();
    this.wake?.();
  }

  private visibility(): void {
    if (this.hiding !== null) clearTimeout(this.hiding);
    this.hiding = null;
    if (document.hidden) this.hiding = setTimeout(() => this.attempt?.abort(), HIDDEN_MS);
    else this.wake?.();
  }

  private async run(): Promise<void> {
    while (!this.closed && this.screens.size > 0) {
      try {
        await this.attend();
      } catch (error) {
        this.failures += 1;
        if (error instanceof Refused && error.status === 401) return;
      }
      if (this.closed) return;
      for (const screen of this.screens.values()) screen.lost();
      await this.pause(Math.min(LATEST_MS, SOONEST_MS * 2 ** this.failures));
      while (document.hidden && !this.closed) await this.pause(60_000);
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private path(): string {
    const films = [...this.screens.keys()].filter((code) => !this.stills.has(code));
    const query = new URLSearchParams();
    if (films.length > 0) query.set("codes", films.join(","));
    if (this.stills.size > 0) query.set("stills", [...this.stills].join(","));
    return `/api/v1/cameras/live?${query}`;
  }

  private async attend(): Promise<void> {
    const attempt = new AbortController();
    this.attempt = attempt;
    const response = await call(this.path(), { signal: attempt.signal });
    const reader = response.body?.getReader();
    if (!reader) return;
    const parts = new PartReader();
    let watchdog = setTimeout(() => attempt.abort(), SILENT_MS);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(watchdog);
        watchdog = setTimeout(() => attempt.abort(), SILENT_MS);
        this.failures = 0;
        for (const part of parts.read(value)) this.take(part);
      }
    } finally {
      clearTimeout(watchdog);
      attempt.abort();
    }
  }

  private take({ fields, body }: Part): void {
    const code = fields.get("x-camera") ?? "";
    const screen = this.screens.get(code);
    if (!screen) return;
    const live = fields.get("x-live");
    if (live === "begin") {
      if (!screen.begin(fields.get("x-codec") ?? "")) this.stand(code);
    } else if (live === "none") {
      screen.none(fields.get("x-why") ?? "");
    } else if (fields.get("content-type") === "video/mp4") {
      if (!screen.film(body)) this.stand(code);
    } else if (body.length > 0) {
      screen.still(body, Date.parse(fields.get("x-taken-at") ?? ""), fields.get("x-camera-state") ?? "");
    }
  }

  /** Still pictures stand in for the video of a camera from now on. */
  private stand(code: string): void {
    this.stills.add(code);
    this.attempt?.abort();
  }
}
