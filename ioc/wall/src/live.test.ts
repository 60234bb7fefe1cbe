import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backoff, type LiveEvent, type LiveStatus, LiveStream, readEvent } from "./live";

/** A server whose connections the test holds by the hand. */
class Server {
  readonly requests: { path: string; cursor: string | null }[] = [];
  private readonly ends: ReadableStreamDefaultController<Uint8Array>[] = [];
  status = 200;

  readonly fetch = async (path: unknown, init?: RequestInit): Promise<Response> => {
    this.requests.push({ path: String(path), cursor: new Headers(init?.headers).get("Last-Event-ID") });
    if (this.status !== 200) return new Response(null, { status: this.status });
    const body = new ReadableStream<Uint8Array>({
      start: (end) => {
        this.ends.push(end);
        init?.signal?.addEventListener("abort", () => {
          try {
            end.error(new Error("aborted"));
          } catch {
            // It had ended already.
          }
        });
      },
    });
    return new Response(body);
  };

  async say(text: string): Promise<void> {
    this.ends.at(-1)?.enqueue(new TextEncoder().encode(text));
    await settle();
  }

  async hangUp(): Promise<void> {
    this.ends.at(-1)?.close();
    await settle();
  }
}

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(5);
}

function message(event: string, id: string, cursor: number, kind = "put"): string {
  const data = JSON.stringify({ type: `vn.ioc.${event}.${kind}.v1`, subject: id, data: { id } });
  return `id: ${cursor}\nevent: ${event}\ndata: ${data}\n\n`;
}

const READY = "id: 40\nevent: ready\ndata: {}\n\n";

describe("the live stream", () => {
  let server: Server;
  let events: LiveEvent[];
  let status: LiveStatus;
  let stream: LiveStream;
  let signedOut: boolean;

  beforeEach(async () => {
    vi.useFakeTimers();
    server = new Server();
    events = [];
    signedOut = false;
    stream = new LiveStream({
      url: "/live",
      onEvent: (event) => events.push(event),
      onStatus: (now) => {
        status = now;
      },
      onSignedOut: () => {
        signedOut = true;
      },
      fetch: server.fetch as typeof fetch,
      monotonic: () => Date.now(),
      random: () => 1,
    });
    void stream.run();
    await settle();
  });

  afterEach(() => {
    stream.stop();
    vi.useRealTimers();
  });

  it("asks for a snapshot first and is live when that is complete", async () => {
    expect(server.requests).toEqual([{ path: "/live?snapshot=1", cursor: null }]);
    await server.say(message("incident", "a", 1));
    expect(status.state).toBe("connecting");
    await server.say(READY);
    expect(status.state).toBe("live");
    expect(events.map((event) => event.kind)).toEqual(["begin", "put", "ready"]);
  });

  it("says that the connection is lost and resumes after the last event", async () => {
    await server.say(READY + message("incident", "b", 41));
    await server.hangUp();
    expect(status.state).toBe("lost");
    await vi.advanceTimersByTimeAsync(1_100);
    expect(server.requests[1]).toEqual({ path: "/live", cursor: "41" });
    expect(events.at(-1)).toEqual({ kind: "resumed" });
    expect(status.state).toBe("live");
  });

  it("begins again when a snapshot broke off half-way", async () => {
    await server.say(message("incident", "a", 12));
    await server.hangUp();
    await vi.advanceTimersByTimeAsync(1_100);
    expect(server.requests[1]).toEqual({ path: "/live?snapshot=1", cursor: null });
  });

  it("forgets its place when the server resets it", async () => {
    await server.say(READY);
    await server.say("event: reset\ndata: {}\n\n");
    await server.hangUp();
    await vi.advanceTimersByTimeAsync(1_100);
    expect(server.requests[1]?.path).toBe("/live?snapshot=1");
  });

  it("takes 20 s of silence for a lost line, and a comment for a sign of life", async () => {
    await server.say(READY);
    await vi.advanceTimersByTimeAsync(15_000);
    await server.say(": still here\n\n");
    await vi.advanceTimersByTimeAsync(15_000);
    expect(status.state).toBe("live");
    await vi.advanceTimersByTimeAsync(6_200);
    expect(status.state).toBe("lost");
  });

  it("leads to the sign-in page when the session has ended", async () => {
    await server.say(READY);
    server.status = 401;
    await server.hangUp();
    await vi.advanceTimersByTimeAsync(1_100);
    expect(signedOut).toBe(true);
  });

  it("tries again at once when the network is back", async () => {
    await server.say(READY);
    await server.hangUp();
    stream.retryNow();
    await settle();
    expect(server.requests.length).toBe(2);
  });
});

describe("waiting before the next try", () => {
  it("grows from one second to ten and never leaves these bounds", () => {
    for (let failures = 0; failures < 40; failures += 1) {
      for (const random of [0, 0.5, 1]) {
        const wait = backoff(failures, () => random);
        expect(wait).toBeGreaterThanOrEqual(1_000);
        expect(wait).toBeLessThanOrEqual(10_000);
      }
    }
    expect(backoff(9, () => 1)).toBe(10_000);
  });
});

describe("a message", () => {
  it("that is not JSON, or has no subject, changes nothing", () => {
    expect(readEvent({ event: "incident", id: "1", data: "{" })).toBeNull();
    expect(readEvent({ event: "incident", id: "1", data: "[]" })).toBeNull();
    expect(readEvent({ event: "incident", id: "1", data: "{}" })).toBeNull();
  });

  it("of type removed takes away", () => {
    const data = JSON.stringify({ type: "vn.ioc.incident.removed.v1", subject: "a" });
    expect(readEvent({ event: "incident", id: "1", data })).toEqual({
      kind: "removed",
      layer: "incident",
      id: "a",
      feature: null,
    });
  });
});
