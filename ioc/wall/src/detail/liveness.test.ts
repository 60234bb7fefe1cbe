import { describe, expect, it } from "vitest";
import { OLD_MS, past } from "./liveness";

const NOW = 1_000_000;

describe("a picture is of now", () => {
  it("only when the camera is live, the picture is young and the server answers", () => {
    expect(past("live", NOW - 2_000, NOW, true)).toBe(null);
  });

  it.each(["frozen", "silent", "covered", "moved", "degraded", "unreachable"])(
    "not when it is %s",
    (state) => {
      expect(past(state, NOW - 100, NOW, true)).toBe("state");
    },
  );

  it("not when it has grown old, whatever the state", () => {
    expect(past("live", NOW - OLD_MS - 1, NOW, true)).toBe("old");
  });

  it("not while nobody answers", () => {
    expect(past("live", NOW - 2_000, NOW, false)).toBe("away");
  });

  it("not when nobody says when it was taken, or how the camera is", () => {
    expect(past("live", null, NOW, true)).toBe("old");
    expect(past("", NOW, NOW, true)).toBe("old");
  });
});
