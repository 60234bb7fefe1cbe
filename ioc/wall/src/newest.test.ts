import { describe, expect, it } from "vitest";
import { type Place, readPlace } from "./model";
import { newestReading } from "./newest";

const NOW = Date.parse("2025-10-29T12:00:00Z");

function station(times: (string | null)[]): Place {
  const latest = Object.fromEntries(times.map((at, index) => [`p${index}`, { value: 1, at }]));
  return readPlace("gauge", { properties: { latest } }) as Place;
}

describe("the newest reading", () => {
  it("is that of any property of any station", () => {
    const stations = [
      station(["2025-10-29T11:00:00Z", "2025-10-29T11:59:48Z"]),
      station(["2025-10-29T11:30:00Z"]),
    ];
    expect(newestReading(stations, NOW)).toBe(NOW - 12_000);
  });

  it("is missing where no station has told a time", () => {
    expect(newestReading([], NOW)).toBeNull();
    expect(newestReading([station([null]), station([])], NOW)).toBeNull();
  });

  it("is not that of a station whose clock runs far ahead", () => {
    const stations = [station(["2025-10-29T15:00:00Z"]), station(["2025-10-29T11:50:00Z"])];
    expect(newestReading(stations, NOW)).toBe(NOW - 600_000);
  });
});
