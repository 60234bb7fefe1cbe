import { describe, expect, it } from "vitest";
import { Board } from "../board";
import { countCentres, countLate, readLinks, shortNames } from "./centres";

function put(board: Board, layer: string, id: string, properties: Record<string, unknown>): void {
  board.apply({ kind: "put", layer, id, feature: { properties } });
}

describe("the strip of centres", () => {
  it("counts what each has, whatever the filter shows", () => {
    const board = new Board();
    board.passes = () => false;
    put(board, "incident", "a", { centre: "hoi-an", severity: "severe", status: "new" });
    put(board, "incident", "b", { centre: "hoi-an", severity: "minor", status: "acknowledged" });
    put(board, "incident", "c", { centre: "hoi-an", severity: "extreme", status: "closed" });
    put(board, "incident", "d", { centre: "elsewhere", severity: "extreme", status: "new" });
    put(board, "device", "d1", { centre: "hoi-an", state: "fresh" });
    put(board, "device", "d2", { centre: "hoi-an", state: "lost" });
    put(board, "camera", "c1", { centre: "tam-ky", state: "live" });
    const counts = countCentres(board, ["hoi-an", "tam-ky"]);
    expect(counts.get("hoi-an")).toEqual({
      open: 2,
      worst: "severe",
      worstWaits: true,
      waiting: 1,
      devices: 2,
      fresh: 1,
      cameras: 0,
      live: 0,
    });
    expect(counts.get("tam-ky")).toMatchObject({ open: 0, worst: null, cameras: 1, live: 1 });
  });

  it("shows whether one of the worst waits, not one of the lesser", () => {
    const board = new Board();
    put(board, "incident", "a", { centre: "x", severity: "minor", status: "new" });
    put(board, "incident", "b", { centre: "x", severity: "extreme", status: "acknowledged" });
    expect(countCentres(board, ["x"]).get("x")).toMatchObject({ worst: "extreme", worstWaits: false });
    put(board, "incident", "c", { centre: "x", severity: "extreme", status: "new" });
    expect(countCentres(board, ["x"]).get("x")?.worstWaits).toBe(true);
  });

  it("counts as late what is due by now, and nothing that is done", () => {
    const board = new Board();
    const due = { number: 7, unit: "one", centre: "hoi-an", due_at: "2026-01-01T00:10:00Z" };
    put(board, "ticket", "a", { ...due, state: "accepted" });
    put(board, "ticket", "b", { ...due, state: "done" });
    const late = (at: string) => countLate(board.tickets.values(), Date.parse(at));
    expect(late("2026-01-01T00:09:00Z")).toEqual(new Map());
    expect(late("2026-01-01T00:11:00Z")).toEqual(new Map([["hoi-an", 1]]));
  });

  it("has room for names without what they share", () => {
    expect(
      shortNames([
        "Trung tâm điều hành Hội An",
        "Trung tâm điều hành Bắc Trà My",
        "Trung tâm Điều hành Thông minh Quảng Nam",
      ]),
    ).toEqual(["Hội An", "Bắc Trà My", "Điều hành Thông minh Quảng Nam"]);
    expect(shortNames(["Hoi An operations centre", "Dai Loc operations centre"])).toEqual([
      "Hoi An",
      "Dai Loc",
    ]);
    expect(shortNames(["Hội An"])).toEqual(["Hội An"]);
  });

  it("believes only what it knows of a link", () => {
    const links = readLinks({
      centres: [
        { code: "a", link: "live", devices: 2, heard_at: "2025-10-27T04:00:00Z" },
        { code: "b", link: "odd", devices: 0, heard_at: null },
      ],
    });
    expect(links?.get("a")).toEqual({ state: "live", heardAt: Date.parse("2025-10-27T04:00:00Z") });
    expect(links?.get("b")).toEqual({ state: "none", heardAt: null });
    expect(readLinks({ detail: "no" })).toBeNull();
  });
});
