import { expect, it } from "vitest";
import { readTimeline, shows } from "./timeline";

it("a line of the timeline has its photographs from the centre's own store or none", () => {
  const own = "/api/v1/media/0190a1b2-0000-7000-8000-000000000001";
  const photos = [own, "https://elsewhere/x.jpg", "javascript:x", 7];
  const { moments, cut } = readTimeline({ moments: [{ kind: "comment", text: "x", photos }], cut: true });
  expect(moments[0]?.photos).toEqual([own]);
  expect(cut).toBe(true);
});

it("what is no timeline is empty", () => {
  expect(readTimeline(null)).toEqual({ moments: [], cut: false });
  expect(readTimeline({ moments: [1] }).moments).toEqual([]);
});

it("a step of a ticket is told in words with the ticket's number", () => {
  const told = { kind: "ticket", who: "lan", what: "accepted", text: "", to: "", number: 12, source: "hoi-an" };
  const [moment] = readTimeline({ moments: [told, { kind: "comment", text: "x" }] }).moments;
  expect(moment?.ticket?.number).toBe(12);
  expect(moment?.ticket?.said).not.toBe("");
  expect(shows("people", "ticket")).toBe(true);
  expect(shows("alarms", "ticket")).toBe(false);
});

it("what people did and told can be read apart from what the centre noticed; alarms of people are both", () => {
  const kinds = ["log", "step", "comment", "raised", "cleared", "report", "notice"];
  expect(kinds.filter((kind) => shows("all", kind))).toEqual(kinds);
  expect(kinds.filter((kind) => shows("people", kind))).toEqual(["step", "comment", "report", "notice"]);
  expect(kinds.filter((kind) => shows("alarms", kind))).toEqual([
    "log",
    "raised",
    "cleared",
    "report",
    "notice",
  ]);
});
