import { describe, expect, it } from "vitest";
import { readConflict, readRecord } from "./record";

const ALARM = {
  id: "al",
  source_kind: "camera",
  source: "cam-1",
  evidence: {
    kind: "zone_entered",
    picture: "/api/v1/media/0190a1b2-0000-7000-8000-000000000001",
    box: [0.1, 0.2, 0.5, 0.8],
  },
};

function alarmWith(evidence: Record<string, unknown>) {
  const alarms = [{ ...ALARM, evidence: { ...ALARM.evidence, ...evidence } }];
  return readRecord({ id: "i", alarms })?.alarms[0];
}

describe("an incident's record", () => {
  it("carries the picture and the box of a sighting", () => {
    expect(alarmWith({})?.picture).toBe(ALARM.evidence.picture);
    expect(alarmWith({})?.box).toEqual([0.1, 0.2, 0.5, 0.8]);
  });

  it("shows no picture from anywhere but the centre's own store", () => {
    for (const picture of ["https://elsewhere/x.jpg", "javascript:x", "/api/v1/media/../session", null]) {
      expect(alarmWith({ picture })?.picture).toBeNull();
    }
  });

  it("carries the film of a sighting once it is there, and from nowhere else", () => {
    const url = "/api/v1/media/0190a1b2-0000-7000-8000-000000000002";
    expect(alarmWith({ clip: { url, kind: "clip", seconds: 12.5 } })?.clip).toEqual({
      url,
      stills: false,
      seconds: 12.5,
    });
    expect(alarmWith({ clip: { url, kind: "stills", seconds: null } })?.clip?.stills).toBe(true);
    for (const clip of [null, "x", url, {}, { url: "https://elsewhere/x.mp4" }, { url: "javascript:x" }]) {
      expect(alarmWith({ clip })?.clip).toBeNull();
    }
  });

  it("draws no box that does not lie in the picture", () => {
    for (const box of [
      [0, 0, 2, 1],
      [0.5, 0, 0.6, 1],
      [0.5, 0.5, 0, 0],
      [-0.1, 0, 1, 1],
      [0, 0, 1],
      "x",
      null,
    ]) {
      expect(alarmWith({ box })?.box).toBeNull();
    }
  });

  it("carries what a camera measured, and nothing where it measured nothing", () => {
    const measured = alarmWith({ count: 12, share: 0.4, speed_kmh: 31.5, score: 0.9 });
    expect([measured?.things, measured?.share, measured?.speedKmh, measured?.score]).toEqual([
      12, 0.4, 31.5, 0.9,
    ]);
    const plain = alarmWith({});
    expect([plain?.things, plain?.share, plain?.speedKmh, plain?.score]).toEqual([null, null, null, null]);
  });

  it("begins with what still holds, worst first", () => {
    const alarms = [
      { id: "over", severity: "extreme", cleared_at: "2025-10-27T00:00:00Z" },
      { id: "mild", severity: "minor" },
      { id: "bad", severity: "severe" },
    ];
    expect(readRecord({ id: "i", alarms })?.alarms.map((alarm) => alarm.id)).toEqual(["bad", "mild", "over"]);
  });

  it("without an id is none", () => {
    expect(readRecord({})).toBeNull();
    expect(readRecord("x")).toBeNull();
  });
});

describe("a stale step's answer", () => {
  it("holds the present state under its own key or by itself", () => {
    expect(readConflict({ title: "stale", current: { id: "i", version: 4 } })?.version).toBe(4);
    expect(readConflict({ id: "i", version: 5 })?.version).toBe(5);
    expect(readConflict({ title: "stale" })).toBeNull();
  });
});
