import { isJson, type Json, text } from "./model";
import { EventParser, type Message } from "./sse";

/** One change as the server tells it: a put carries the whole feature, never a delta. */
export type LiveEvent =
  | { kind: "put" | "removed"; layer: string; id: string; feature: Json | null }
  | { kind: "begin" | "resumed" | "ready" | "reset" };

export type LiveState = "connecting" | "live" | "lost";

export interface LiveStatus {
  state: LiveState;
  /** Monotonic milliseconds of the last byte received; null before the first. */
  lastSign: number | null;
  /** Monotonic milliseconds of the next try, while waiting for it. */
  retryAt: number | null;
}

export interface LiveOptions {
  url: string;
  onEvent: (event: LiveEvent) => void;
  onStatus: (status: LiveStatus) => void;
  onSignedOut: () => void;
  fetch?: typeof fetch;
  monotonic?: () => number;
  random?: () => number;
}

/** The server comments every 15 s, so this much silence means that the line is dead. */
const SILENCE_MS = 20_000;
const BACKOFF_MIN_MS = 1_000;
const BACKOFF_MAX_MS = 10_000;
/** A snapshot may hold tens of thousands of things: the page gets to work in between. */
const SLICE_MS = 8;

/** Lets the page do what waits; not by a timer, which a page in the background has once a second. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** A session that the server no longer knows. */
class SignedOut extends Error {}

export function backoff(failures: number, random: () => number): number {
  const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(failures, 10));
  return Math.max(BACKOFF_MIN_MS, ceiling * (0.5 + random() / 2));
}

/** The change in a message, or null for one that says nothing to this wall. */
export function readEvent(message: Message): LiveEvent | null {
  if (message.event === "ready" || message.event === "reset") return { kind: message.event };
  let event: unknown;
  try {
    event = JSON.parse(message.data);
  } catch {
    return null;
  }
  if (!isJson(event)) return null;
  const id = text(event.subject);
  if (id === "") return null;
  const kind = text(event.type).includes(".removed.") ? "removed" : "put";
  return { kind, layer: message.event, id, feature: isJson(event.data) ? event.data : null };
}

/** The live stream: read, watched for silence, and taken up again where it broke off. */
export class LiveStream {
  private status: LiveStatus = { state: "connecting", lastSign: null, retryAt: null };
  private cursor = "";
  private snapshot = true;
  private failures = 0;
  private stopped = false;
  private wake: (() => void) | null = null;
  private connection: AbortController | null = null;
  private readonly monotonic: () => number;

  constructor(private readonly options: LiveOptions) {
    this.monotonic = options.monotonic ?? (() => performance.now());
  }

  stop(): void {
    this.stopped = true;
    this.connection?.abort();
    this.wake?.();
  }

  /** Ends the wait for the next try, for instance because the network is back. */
  retryNow(): void {
    this.wake?.();
  }

  async run(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.connect();
      } catch (error) {
        if (error instanceof SignedOut) {
          this.options.onSignedOut();
          return;
        }
      }
      if (this.stopped) return;
      const wait = backoff(this.failures, this.options.random ?? Math.random);
      this.failures += 1;
      this.tell({ state: "lost", retryAt: this.monotonic() + wait });
      await this.pause(wait);
      this.tell({ retryAt: null });
    }
  }

  private tell(change: Partial<LiveStatus>): void {
    this.status = { ...this.status, ...change };
    this.options.onStatus(this.status);
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** One connection from its request to its end. */
  private async connect(): Promise<void> {
    const connection = new AbortController();
    this.connection = connection;
    let lastByte = this.monotonic();
    const watch = setInterval(() => {
      if (this.monotonic() - lastByte > SILENCE_MS) connection.abort();
    }, 1_000);
    try {
      const body = await this.open(connection.signal);
      const parser = new EventParser();
      let slice = this.monotonic();
      const reader = body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (this.monotonic() - slice > 2 * SLICE_MS) slice = this.monotonic();
        if (done) return;
        lastByte = this.monotonic();
        this.tell({ lastSign: lastByte });
        for (const message of parser.feed(value)) {
          this.take(message);
          if (this.monotonic() - slice < SLICE_MS) continue;
          await breathe();
          slice = this.monotonic();
        }
      }
    } finally {
      clearInterval(watch);
      connection.abort();
    }
  }

  private async open(signal: AbortSignal): Promise<ReadableStream<BufferSource>> {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    this.snapshot = this.cursor === "";
    if (!this.snapshot) headers["Last-Event-ID"] = this.cursor;
    const path = this.snapshot ? `${this.options.url}?snapshot=1` : this.options.url;
    const response = await (this.options.fetch ?? fetch)(path, {
      headers,
      signal,
      cache: "no-store",
      credentials: "same-origin",
    });
    if (response.status === 401) throw new SignedOut();
    if (!response.ok || response.body === null)
      throw new Error(`The live stream answered ${response.status}.`);
    if (this.snapshot) this.options.onEvent({ kind: "begin" });
    else {
      this.options.onEvent({ kind: "resumed" });
      this.alive();
    }
    return response.body as ReadableStream<BufferSource>;
  }

  private alive(): void {
    this.failures = 0;
    this.tell({ state: "live", lastSign: this.monotonic(), retryAt: null });
  }

  private take(message: Message): void {
    const event = readEvent(message);
    if (event?.kind === "reset") {
      this.snapshot = true;
      this.cursor = "";
    }
    if (event) this.options.onEvent(event);
    if (event?.kind === "ready") {
      this.snapshot = false;
      this.alive();
    }
    // A snapshot that breaks off half-way must begin again, so its ids are no place to resume from.
    if (!this.snapshot && message.id !== "") this.cursor = message.id;
  }
}
