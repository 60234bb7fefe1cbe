import { describe, expect, it } from "vitest";
import { Delay, JUMP_S, old, step, TARGET_S } from "./edge";

describe("playing at the live edge", () => {
  it("enters what has begun, and jumps over what is too far behind or missing", () => {
    expect(step([], 0).seek).toBeNull();
    expect(step([{ start: 5, end: 5.1 }], 0).seek).toBe(5);
    expect(step([{ start: 0, end: 10 }], 10 - JUMP_S - 0.1).seek).toBeCloseTo(10 - TARGET_S);
    const torn = [
      { start: 0, end: 3 },
      { start: 7, end: 7.2 },
    ];
    expect(step(torn, 3).seek).toBe(7);
  });

  it("hurries when it is a little late, waits a little when it is too near, else goes as it is", () => {
    const ranges = [{ start: 0, end: 10 }];
    expect(step(ranges, 10 - TARGET_S)).toEqual({ seek: null, rate: 1 });
    expect(step(ranges, 9.3).rate).toBeGreaterThan(1);
    expect(step(ranges, 9.95).rate).toBeLessThan(1);
    expect(step(ranges, 9.3).seek).toBeNull();
  });

  it("does not seek to where it already is", () => {
    expect(step([{ start: 5, end: 5.1 }], 5.005).seek).toBeNull();
    expect(step([{ start: 5, end: 5.1 }], 4.99).seek).toBeNull();
  });

  it("forgets what is long over, in large steps", () => {
    expect(old([{ start: 0, end: 10 }], 9)).toBeNull();
    expect(old([{ start: 0, end: 30 }], 29)).toBe(21);
  });
});

describe("the delay", () => {
  it("is that of the shown picture, whatever the clocks differ by", () => {
    for (const ahead of [0, 60_000, -60_000]) {
      const delay = new Delay();
      delay.came({ at: 1_000, media: 1 }, 1_010 + ahead, 1_010);
      delay.came({ at: 2_000, media: 2 }, 2_200 + ahead, 2_200);
      expect(delay.of(1.5, 2_300 + ahead)).toBe(2_300 - 1_500 - 10);
      expect(delay.takenAt).toBe(2_010 + ahead);
    }
  });

  it("grows while nothing comes, and is unknown before the first picture", () => {
    const delay = new Delay();
    expect(delay.of(0, 0)).toBeNull();
    expect(delay.takenAt).toBeNull();
    delay.came({ at: 0, media: 0 }, 0, 0);
    expect(delay.of(0, 9_000)).toBe(9_000);
  });

  it("does not make the last pictures of a dead camera young because they were sent just now", () => {
    for (const ahead of [0, 60_000, -60_000]) {
      const delay = new Delay();
      delay.came({ at: 1_000, media: 1 }, 130_900 + ahead, 130_900);
      delay.came({ at: 2_000, media: 2 }, 130_950 + ahead, 130_950);
      expect(delay.of(2, 131_000 + ahead)).toBe(129_000);
    }
  });
});
