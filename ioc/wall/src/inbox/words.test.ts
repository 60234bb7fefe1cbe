import { expect, test } from "vitest";
import { en } from "../i18n/en";
import { vi } from "../i18n/vi";
import { reasons, speak, t, word } from "./words";

test("both languages, and what is not known as it came", () => {
  speak("vi");
  expect(t("late", { span: "12 phút" })).toBe("quá hạn 12 phút");
  expect(word("step", "accept")).toBe("Nhận");
  expect(word("step", "fly")).toBe("fly");
  expect(word("nothing", "x")).toBe("x");
  speak("en");
  expect(t("lost", { time: "12:05" })).toBe("Updated at 12:05, connection lost");
  expect(reasons("wait")).toContain("The road is cut");
  expect(reasons("start")).toEqual([]);
});

/** What the inbox calls by the group, and the wall by the beginning of a key. */
const SHARED = { severity: "severity", state: "tstate", step: "tdeed", what: "tlog" };
/** The wall fills in where it went to and where it should have gone. */
const FILLED_IN = "tlog.bounced_up";

test.each(["vi", "en"] as const)("tickets are called as on the wall (%s)", (language) => {
  speak(language);
  const wall: Record<string, string> = { vi, en }[language];
  let compared = 0;
  for (const [group, begin] of Object.entries(SHARED)) {
    for (const [key, words] of Object.entries(wall)) {
      if (!key.startsWith(`${begin}.`) || key === FILLED_IN) continue;
      expect(`${key}: ${word(group, key.slice(begin.length + 1))}`).toBe(`${key}: ${words}`);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(40);
});
