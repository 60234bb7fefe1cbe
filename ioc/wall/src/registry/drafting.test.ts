import { expect, it } from "vitest";
import { codeOf } from "./drafting";

it("makes a code of a name, as topics and addresses can have it", () => {
  expect(codeOf("Cầu Câu Lâu, bờ bắc (số 2)")).toBe("cau-cau-lau-bo-bac-so-2");
  expect(codeOf("  Đèo Le – ĐT.611 ")).toBe("deo-le-dt-611");
  expect(codeOf("…")).toBe("");
  expect(codeOf("x".repeat(99))).toHaveLength(63);
});
