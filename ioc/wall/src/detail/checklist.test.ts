import { expect, it } from "vitest";
import { codeOf } from "./checklist";

it("the code of an added step is made of its words, without accents, and of nobody else's", () => {
  expect(codeOf("Đóng đường ĐT.609!", new Set())).toBe("dong-duong-dt-609");
  expect(codeOf("Báo xã", new Set(["bao-xa"]))).toBe("bao-xa-2");
  expect(codeOf("???", new Set())).toBe("step");
  expect(codeOf("x".repeat(200), new Set()).length).toBeLessThanOrEqual(63);
});
