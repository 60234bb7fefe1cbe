import { describe, expect, it } from "vitest";
import { lastWeek, onTimeShare, pathOf, readBehind, readFigures, thisMonth, thisWeek } from "./figures";

describe("figures of tickets", () => {
  it("are read by row, with nothing where nothing was measured", () => {
    const row = {
      key: "hoi-an",
      name: "Hội An",
      received: 4,
      done: 2,
      on_time: 1,
      to_accept: { number: 4, p50_s: 90, p90_s: null },
    };
    const found = readFigures({ since: "2026-11-23T00:00:00Z", rows: [row], total: row });
    expect(found.rows[0]?.counts.received).toBe(4);
    expect(found.rows[0]?.counts.overdue).toBe(0);
    expect(found.rows[0]?.phases.to_accept).toEqual({ number: 4, median: 90, p90: null });
    expect(found.rows[0]?.phases.to_end.median).toBeNull();
    expect(found.rows[0]?.nameEn).toBe("Hội An");
    const [first] = found.rows;
    expect(first && onTimeShare(first)).toBe(0.5);
    expect(
      found.total && onTimeShare({ ...found.total, counts: { ...found.total.counts, done: 0 } }),
    ).toBeNull();
    expect(readFigures(null).rows).toEqual([]);
  });

  it("lead to the tickets behind them, also to those that are elsewhere by now", () => {
    const { tickets, next } = readBehind({
      tickets: [{ id: "t", number: null, title: null, unit: "u" }],
      next: "n",
    });
    expect(tickets[0]).toMatchObject({ id: "t", number: null, title: "" });
    expect(next).toBe("n");
  });

  it("are asked for by local days", () => {
    expect(thisWeek("2026-11-26")).toEqual({ from: "2026-11-23", to: "2026-11-26" });
    expect(lastWeek("2026-11-26")).toEqual({ from: "2026-11-16", to: "2026-11-22" });
    expect(thisMonth("2026-11-26").from).toBe("2026-11-01");
    const wish = { ...thisWeek("2026-11-26"), by: "category" };
    expect(pathOf(wish)).toBe("/api/v1/ticket-figures?from=2026-11-23&to=2026-11-26&by=category");
    const behind = pathOf(wish, { part: "tickets", key: "flood", figure: "overdue", after: "a/b" });
    expect(behind).toBe(
      "/api/v1/ticket-figures/tickets?from=2026-11-23&to=2026-11-26&category=flood&figure=overdue&after=a%2Fb",
    );
  });
});
