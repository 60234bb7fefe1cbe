import { describe, expect, it } from "vitest";
import { deadFirst, readEndpoints, readMessages, readWhole, reasonText } from "./message";

const at = (hour: number) => `2026-11-26T0${hour}:00:00Z`;

describe("the log of messages", () => {
  it("says in the reader's language that nobody read it, and leaves a machine's words", () => {
    expect(reasonText("nobody read it in the page in time, and no channel is left")).toContain(
      "không ai đọc",
    );
    expect(reasonText("mail: the receiver answered 500")).toBe("mail: the receiver answered 500");
  });

  it("has dead letters first, then the newest", () => {
    const { messages, dead, next } = readMessages({
      messages: [
        { id: "a", state: "told", created_at: at(3), title: "A" },
        { id: "b", state: "dead", created_at: at(1), title: "B", title_en: "Bee" },
        { id: "c", state: "waiting", created_at: at(4) },
      ],
      dead: 7,
      next: "c",
    });
    expect(messages.sort(deadFirst).map(({ id }) => id)).toEqual(["b", "c", "a"]);
    expect([dead, next]).toEqual([7, "c"]);
    expect(messages[2]?.titleEn).toBe("A");
    expect(readMessages({ messages: [], next: null }).next).toBe("");
  });

  it("has of each message what it tells and every sending", () => {
    const whole = readWhole({
      items: [{ title: "Phiếu", ticket: "t", incident: null }],
      deliveries: [{ channel: "mail", address: "l…@x.vn", outcome: "again", reason: "421", begun_at: at(1) }],
    });
    expect(whole.items[0]).toMatchObject({ title: "Phiếu", ticket: "t", incident: "" });
    expect(whole.attempts[0]).toMatchObject({ outcome: "again", receipt: "", endedAt: null });
    expect(readWhole(null)).toEqual({ items: [], attempts: [] });
  });
});

describe("endpoints", () => {
  it("say that they have a secret, and never which", () => {
    const [one] = readEndpoints({
      endpoints: [{ code: "e", kind: "webhook", has_secret: true, secret: "whsec_x" }],
    });
    expect(one?.hasSecret).toBe(true);
    expect(JSON.stringify(one)).not.toContain("whsec");
  });
});
