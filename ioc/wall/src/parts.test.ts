import { describe, expect, it } from "vitest";
import { readIdle, sentence } from "./parts";

const SEEN = "2025-10-29T10:32:05+00:00";

function answer(ready: boolean, states: Record<string, boolean>) {
  const parts = Object.fromEntries(
    Object.entries(states).map(([name, works]) => [name, { ready: works, seen_at: SEEN, readings: 3 }]),
  );
  return { ready, parts };
}

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
