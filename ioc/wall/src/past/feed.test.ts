import { describe, expect, it } from "vitest";
import { Changes, readPicture, readReach } from "./feed";

const AT = Date.UTC(2025, 9, 27, 3);
const written = (second: number) => new Date(AT + second * 1000).toISOString();
const feature = (id: string) => ({ type: "Feature", id, properties: {} });

describe("a picture", () => {
  it("is the events that a wall would be told", () => {
    const body = { at: written(0), cursor: 7, incidents: [feature("i")], devices: [feature("d")] };
    const picture = readPicture(body);
    expect(picture?.cursor).toBe(7);
    expect(picture?.events.map((event) => ("layer" in event ? event.layer + event.id : event.kind))).toEqual([
      "begin",
      "incidenti",
      "deviced",
      "ready",
    ]);
    expect(readPicture({ incidents: [] })).toBeNull();
    expect(readPicture(null)).toBeNull();
  });

  it("shows no value of a station, which would be of another moment", () => {
    const device = { ...feature("d"), properties: { state: "fresh", latest: { level: { value: 1 } } } };
    const events = readPicture({ at: written(0), cursor: 1, devices: [device] })?.events ?? [];
    expect(events[1]).toMatchObject({ feature: { properties: { state: "fresh" } } });
    expect(JSON.stringify(events)).not.toContain("latest");
  });

  it("of the span counts each hour", () => {
    const opened = [{ at: written(0), extreme: 1, severe: 2, moderate: 0, minor: 4 }];
    expect(readReach({ oldest: written(0), newest: written(9), opened })?.opened).toEqual([
      { at: AT, count: 7, extreme: true },
    ]);
    expect(readReach({ oldest: "x" })).toBeNull();
  });
});

describe("changes that are read ahead", () => {
  const change = (version: number, second: number, op = "put") => ({
    version,
    at: written(second),
    subject: "device",
    op,
    id: `d${version}`,
    feature: op === "put" ? feature(`d${version}`) : null,
  });

  function served(all: ReturnType<typeof change>[], size: number) {
    const asked: URLSearchParams[] = [];
    const ask = (path: string) => {
      const query = new URL(path, "http://x").searchParams;
      asked.push(query);
      const [after, to] = [Number(query.get("after")), query.get("to") ?? ""];
      const left = all.filter((one) => one.version > after && one.at <= to);
      const page = left.slice(0, size);
      const next = left.length > size ? (page.at(-1)?.version ?? null) : null;
      return Promise.resolve({ changes: page, next });
    };
    return { asked, ask };
  }

  const start = { at: AT, cursor: 3, events: [] };
  const ids = (changes: Changes, second: number) =>
    changes.take(AT + second * 1000).map((event) => ("id" in event ? `${event.kind} ${event.id}` : ""));

  it("are shown in their time, each once", async () => {
    const { ask } = served(
      [change(2, -1), change(4, 1), change(5, 2, "removed"), change(6, 2), change(7, 9)],
      2,
    );
    const changes = new Changes(start, ask, new AbortController().signal);
    await changes.read(AT + 5_000);
    expect(changes.known).toBe(AT + 5_000);
    expect(ids(changes, 0.5)).toEqual([]);
    expect(ids(changes, 1)).toEqual(["put d4"]);
    expect(ids(changes, 5)).toEqual(["removed d5", "put d6"]);
    await changes.read(AT + 10_000);
    expect(ids(changes, 10)).toEqual(["put d7"]);
    expect(ids(changes, 10)).toEqual([]);
  });

  it("are asked for no more than once at a time, and not again", async () => {
    const { ask, asked } = served([], 2);
    const changes = new Changes(start, ask, new AbortController().signal);
    await Promise.all([changes.read(AT + 5_000), changes.read(AT + 5_000)]);
    await changes.read(AT + 4_000);
    expect(asked).toHaveLength(1);
  });

  it("stay unknown where the server does not answer, so that play waits", async () => {
    const changes = new Changes(start, () => Promise.reject(new Error("away")), new AbortController().signal);
    await expect(changes.read(AT + 5_000)).rejects.toThrow("away");
    expect(changes.known).toBe(AT);
  });
});
