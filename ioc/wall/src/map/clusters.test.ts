import { describe, expect, it } from "vitest";
import { arcs, clusterOf } from "./clusters";

describe("the symbol of a cluster", () => {
  it("is told by its name", () => {
    expect(clusterOf("cluster-1-0-3-8")).toEqual({ extreme: 1, severe: 0, moderate: 3, minor: 8 });
    expect(clusterOf("place-other-well")).toBeNull();
  });

  it("begins with the worst and goes once around", () => {
    const found = arcs({ extreme: 1, severe: 0, moderate: 3, minor: 4 });
    expect(found.map((one) => one.severity)).toEqual(["extreme", "moderate", "minor"]);
    expect(found[0]).toEqual({ severity: "extreme", from: 0, to: 0.125 });
    expect(found.at(-1)?.to).toBe(1);
    for (const [at, one] of found.entries()) if (at > 0) expect(one.from).toBe(found[at - 1]?.to);
  });
});
