import { expect, it } from "vitest";
import { countOf, hoursOf, totals } from "./counts";

const opened = (at: string, severity: string) => ({ properties: { opened_at: at, severity } });
const ms = (at: string) => Date.parse(at);

it("counts by the hours of the zone, those without an incident too", () => {
  const half = 5.5 * 3_600_000;
  const hours = hoursOf(
    [
      opened("2026-11-22T01:29:59Z", "extreme"),
      opened("2026-11-22T01:30:00Z", "extreme"),
      opened("2026-11-22T01:40:00Z", "minor"),
      opened("2026-11-22T00:00:00Z", "severe"),
    ],
    ms("2026-11-22T01:00:00Z"),
    ms("2026-11-22T04:00:00Z"),
    half,
  );
  expect(hours.map((one) => one.at)).toEqual(
    ["00:30", "01:30", "02:30", "03:30"].map((at) => ms(`2026-11-22T${at}:00Z`)),
  );
  expect(hours.map(countOf)).toEqual([1, 2, 0, 0]);
  expect(totals(hours)).toMatchObject({ extreme: 2, minor: 1, severe: 0 });
});
