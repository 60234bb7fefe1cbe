import { expect, test } from "vitest";
import { reasons, speak, t, word } from "./words";

test("both languages, and what is not known as it came", () => {
  speak("vi");
  expect(t("late", { span: "12 phút" })).toBe("quá hạn 12 phút");
  expect(word("step", "accept")).toBe("Nhận việc");
  expect(word("step", "fly")).toBe("fly");
  expect(word("nothing", "x")).toBe("x");
  speak("en");
  expect(t("lost", { time: "12:05" })).toBe("Updated at 12:05, connection lost");
  expect(reasons("wait")).toContain("The road is cut");
  expect(reasons("start")).toEqual([]);
});
