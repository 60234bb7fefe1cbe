import { describe, expect, it } from "vitest";
import { farText, lineText, staleText } from "./words";

describe("a line of the log", () => {
  it("says what was done, and why", () => {
    expect(lineText({ what: "acknowledged", text: "" })).toBe("Đã tiếp nhận");
    expect(lineText({ what: "false_alarm", text: "thử còi" })).toBe("Báo động giả: thử còi");
    expect(lineText({ what: "severity", text: "severe → minor: nước rút" })).toBe(
      "Đổi mức độ: Nghiêm trọng → Nhẹ – nước rút",
    );
  });

  it("is a comment's own words, and what this wall does not know as it came", () => {
    expect(lineText({ what: "comment", text: "<b>x</b>" })).toBe("<b>x</b>");
    expect(lineText({ what: "frobnicated", text: "" })).toBe("frobnicated");
  });
});

describe("a stale step", () => {
  const latest = { who: "lan", what: "acknowledged", text: "", at: null };

  it("names who was quicker and what they did", () => {
    expect(staleText(latest, "an", 0)).toContain("lan đã thao tác: “Đã tiếp nhận”");
  });

  it("says when that was oneself in another window, or the centre", () => {
    expect(staleText(latest, "lan", 0)).toContain("chính bạn");
    expect(staleText(null, "an", 0)).toContain("Hệ thống vừa cập nhật");
  });
});

it("distances are metres until they are kilometres", () => {
  expect(farText(349.6)).toBe("350 m");
  expect(farText(2_440)).toBe("2,4 km");
});
