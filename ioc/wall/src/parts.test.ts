import { describe, expect, it } from "vitest";
import { readFull, readIdle, readWaiting, sentence, waitingSentence } from "./parts";

const SEEN = "2025-10-29T10:32:05+00:00";

function answer(ready: boolean, states: Record<string, boolean>) {
  const parts = Object.fromEntries(
    Object.entries(states).map(([name, works]) => [name, { ready: works, seen_at: SEEN, readings: 3 }]),
  );
  return { ready, parts };
}

describe("the room for evidence", () => {
  it("is told when there is none", () => {
    expect(readFull({ ready: true, parts: { cameras: { ready: true, media_full: 1 } } })).toBe(true);
    for (const body of [null, {}, { parts: {} }, { parts: { cameras: { media_full: 0 } } }]) {
      expect(readFull(body)).toBe(false);
    }
  });
});

describe("the parts of the centre", () => {
  it("are quiet while all work", () => {
    expect(readIdle(answer(true, { serve: true, intake: true, cameras: true }))).toEqual([]);
  });

  it("are named when they do not work, with their last sign of life", () => {
    const idle = readIdle(answer(false, { serve: true, intake: false, cameras: true }));
    expect(idle).toEqual([{ name: "intake", seenAt: Date.parse(SEEN) }]);
  });

  it("are named when they never came up", () => {
    const idle = readIdle(answer(false, { serve: true, intake: true }));
    expect(idle).toEqual([{ name: "cameras", seenAt: null }]);
  });

  it("are unknown when the answer is not about them", () => {
    expect(readIdle(null)).toBeNull();
    expect(readIdle({})).toBeNull();
    expect(readIdle({ title: "Internal Server Error", status: 500 })).toBeNull();
  });

  it("are told in one sentence, also those that this wall does not know", () => {
    const seenAt = Date.parse(SEEN);
    expect(sentence({ name: "intake", seenAt: null }, seenAt)).toBe("Bộ phận thu nhận số đo không hoạt động");
    expect(sentence({ name: "cameras", seenAt }, seenAt + 4_000)).toBe("Bộ phận camera không hoạt động");
    expect(sentence({ name: "cameras", seenAt }, seenAt + 60_000)).toBe(
      "Bộ phận camera không hoạt động (tín hiệu cuối lúc 17:32:05)",
    );
    expect(sentence({ name: "desk", seenAt: null }, seenAt)).toBe("Bộ phận “desk” không hoạt động");
  });
});

describe("what waits on the disk", () => {
  const intake = { ready: false, listening: true, acknowledging: true, seen_at: SEEN };
  const spooling = { ...intake, why: "store_away", spool_messages: 1234, waiting_since: SEEN };
  const away = {
    ready: false,
    parts: { database: { ready: false }, serve: { ready: true, seen_at: SEEN }, intake: spooling },
  };
  const seenAt = Date.parse(SEEN);

  it("is told with its number while PostgreSQL is away, and of the others nothing is said", () => {
    const waiting = readWaiting(away);
    expect(waiting).toEqual({ why: "store_away", acknowledging: true, messages: 1234, since: seenAt });
    expect(waiting && waitingSentence(waiting, seenAt + 5_000)).toBe(
      "PostgreSQL không nhận dữ liệu; 1.234 bản tin chờ trên đĩa (cũ nhất từ 17:32:05)",
    );
    expect(readIdle(away)).toEqual([{ name: "database", seenAt: null }]);
  });

  it("is told with the reason when nothing is acknowledged any more", () => {
    const parts = { intake: { ...spooling, acknowledging: false, why: "spool_full", waiting_since: null } };
    const waiting = readWaiting({ ready: false, parts });
    expect(waiting && waitingSentence(waiting, seenAt)).toBe(
      "Ngừng xác nhận bản tin từ thiết bị: vùng chờ trên đĩa đã đầy; 1.234 bản tin chờ trên đĩa",
    );
    expect(waiting && waitingSentence({ ...waiting, why: "new_code" }, seenAt)).toContain("lỗi “new_code”");
  });

  it("is told while it drains, also when all parts work", () => {
    const parts = { intake: { ...intake, ready: true, why: "", spool_messages: 7 } };
    const waiting = readWaiting({ ready: true, parts });
    expect(waiting && waitingSentence(waiting, seenAt)).toBe(
      "Đang đưa 7 bản tin từ đĩa vào PostgreSQL: số đo mới hiện chậm",
    );
  });

  it("is nothing while all goes its way", () => {
    expect(readWaiting({ ready: true, parts: { intake: { ...intake, ready: true, why: "" } } })).toBeNull();
    expect(readWaiting({ ready: true, parts: {} })).toBeNull();
    expect(readWaiting(null)).toBeNull();
  });

  it("names the broker where an intake lives and does not hear it", () => {
    const parts = { database: { ready: false }, intake: { ...spooling, listening: false } };
    expect(readIdle({ ready: false, parts })?.map((part) => part.name)).toEqual(["database", "broker"]);
  });
});
