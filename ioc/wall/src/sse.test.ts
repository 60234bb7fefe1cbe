import { describe, expect, it } from "vitest";
import { EventParser } from "./sse";

const STREAM =
  ": hello\r\n\r\nid: 7\r\nevent: incident\r\ndata: {\r\ndata: }\r\n\r\n: still here\n\nevent: ready\ndata:x\n\n";

describe("the event stream", () => {
  it("gives events with their id, joins data lines and says nothing of comments", () => {
    expect(new EventParser().feed(STREAM)).toEqual([
      { event: "incident", id: "7", data: "{\n}" },
      { event: "ready", id: "7", data: "x" },
    ]);
  });

  it("reads the same wherever the pieces are cut", () => {
    const whole = new EventParser().feed(STREAM);
    for (let size = 1; size < STREAM.length; size += 1) {
      const parser = new EventParser();
      const messages = [];
      for (let at = 0; at < STREAM.length; at += size) {
        messages.push(...parser.feed(STREAM.slice(at, at + size)));
      }
      expect(messages).toEqual(whole);
    }
  });

  it("calls an event without a name a message and ignores what it does not know", () => {
    expect(new EventParser().feed("retry: 5\nfoo\ndata: a\n\n")).toEqual([
      { event: "message", id: "", data: "a" },
    ]);
  });

  it("drops an event that has no data", () => {
    expect(new EventParser().feed("event: incident\nid: 3\n\n")).toEqual([]);
  });

  it("refuses a line without end", () => {
    const parser = new EventParser();
    const piece = "x".repeat(1_000_000);
    expect(() => {
      for (let i = 0; i < 10; i += 1) parser.feed(piece);
    }).toThrow("no end");
  });
});
