import { describe, expect, it } from "vitest";
import { readDropped, readRefused, refusedText } from "./losses";

describe("the number of refused messages", () => {
  it("is read, and nought where the answer is odd", () => {
    expect(readRefused({ letters: [], next: null, count: 3 })).toBe(3);
    expect(readRefused({ letters: [], count: "3" })).toBe(0);
    expect(readRefused(null)).toBe(0);
  });

  it("is told as a bound where the server counts no further", () => {
    expect(refusedText(3)).toBe("3 bản tin bị từ chối");
    expect(refusedText(9_999)).toBe("9.999 bản tin bị từ chối");
    expect(refusedText(10_000)).toBe("≥ 10.000 bản tin bị từ chối");
  });
});

describe("what the broker dropped", () => {
  it("is what rose while the intake listened, not the broker's own count", () => {
    expect(readDropped({ ready: true, parts: { intake: { dropped: 99, dropped_since_start: 4 } } })).toBe(4);
  });

  it("is nought while nobody knows", () => {
    expect(readDropped({ ready: false, parts: { intake: {} } })).toBe(0);
    expect(readDropped({ parts: [] })).toBe(0);
    expect(readDropped(null)).toBe(0);
  });
});
