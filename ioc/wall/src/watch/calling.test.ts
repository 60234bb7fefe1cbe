import { describe, expect, it } from "vitest";
import { AGAIN_MS, Calling, MUTE_MS, readMute } from "./calling";

describe("the sound", () => {
  it("is heard for each new one, again while nobody comes, and no more once it is taken", () => {
    const calling = new Calling();
    expect(calling.due([], 0)).toBe(false);
    expect(calling.due(["a"], 1_000)).toBe(true);
    expect(calling.due(["a"], 2_000)).toBe(false);
    expect(calling.due(["a", "b"], 3_000)).toBe(true);
    expect(calling.due(["a", "b"], 3_000 + AGAIN_MS - 1)).toBe(false);
    expect(calling.due(["b"], 3_000 + AGAIN_MS)).toBe(true);
    expect(calling.due([], 90_000)).toBe(false);
    expect(calling.due(["a"], 90_001)).toBe(true);
  });

  it("is off until a moment that this wall can have set, and not beyond", () => {
    expect(readMute("1500", 1_000)).toBe(1_500);
    expect(readMute("900", 1_000)).toBeNull();
    expect(readMute(String(1_001 + MUTE_MS), 1_000)).toBeNull();
    expect(readMute("soon", 1_000)).toBeNull();
    expect(readMute(null, 1_000)).toBeNull();
  });
});
