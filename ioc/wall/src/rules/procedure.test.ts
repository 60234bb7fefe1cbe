import { describe, expect, it } from "vitest";
import { proceduresOf, steps, written } from "./procedure";

const STEPS = [
  { item: "verify", vi: "Kiểm tra", en: "Verify", required: true },
  { item: "tell", vi: "Báo xã", en: "Tell the commune", required: false },
];

describe("a procedure as lines", () => {
  it("comes back as it was", () => {
    expect(steps(written(STEPS), STEPS)).toEqual(STEPS);
  });

  it("keeps the code of a step that is reworded in one language, and gives new ones to new steps", () => {
    const found = steps("* Đối chiếu // Verify\n\nĐóng đường // Close the road", STEPS);
    expect(found).toEqual([
      { item: "verify", vi: "Đối chiếu", en: "Verify", required: true },
      { item: "close-the-road", vi: "Đóng đường", en: "Close the road", required: false },
    ]);
  });

  it("names the line that lacks a language", () => {
    expect(steps("Một // One\nHai", [])).toBe(2);
    expect(steps("a // b // c", [])).toBe(1);
  });
});

it("what is no list of procedures is empty", () => {
  expect(proceduresOf(null)).toEqual([]);
  expect(proceduresOf({ checklists: [{ category: "flood", version: 2, items: ["x"] }] })).toEqual([
    { category: "flood", version: 2, changedBy: "", items: [] },
  ]);
});
