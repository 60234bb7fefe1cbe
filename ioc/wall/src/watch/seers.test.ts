import { describe, expect, it } from "vitest";
import { readSeers } from "./seers";

describe("the cameras that see an incident", () => {
  it("keep the order of the server, and what it does not say is not made up", () => {
    const seers = readSeers({
      cameras: [
        { code: "cam-1", name: "Cầu", state: "live", live: true, distance_m: 44.2 },
        { code: "cam-2", live: "yes" },
        3,
      ],
    });
    expect(seers.map(({ code }) => code)).toEqual(["cam-1", "cam-2"]);
    expect(seers[1]).toEqual({ code: "cam-2", name: "cam-2", state: "", live: false, distance: 0 });
    expect(readSeers(null)).toEqual([]);
  });
});
