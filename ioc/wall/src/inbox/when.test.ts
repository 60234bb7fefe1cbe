import { beforeEach, expect, test } from "vitest";
import { clock, dueWords, inZone, span } from "./when";
import { speak } from "./words";

const NOW = Date.parse("2026-11-26T03:00:00Z");
const MINUTE = 60_000;

function at(minutes: number): string {
  return new Date(NOW + minutes * MINUTE).toISOString();
}

beforeEach(() => speak("vi"));

test("a span is said in its two largest parts", () => {
  expect(span(20_000)).toBe("chưa đến 1 phút");
  expect(span(12 * MINUTE)).toBe("12 phút");
  expect(span(-125 * MINUTE)).toBe("2 giờ 5 phút");
  expect(span(3 * 1440 * MINUTE + 61 * MINUTE)).toBe("3 ngày 1 giờ");
});

test("a ticket that nobody accepted is measured by the deadline to accept it", () => {
  const ticket = { state: "new", accept_by: at(-12), due_at: at(200) };
  expect(dueWords(ticket, NOW)).toEqual({ text: "quá hạn nhận 12 phút", late: true });
  expect(dueWords({ ...ticket, accept_by: at(10) }, NOW)).toEqual({
    text: "còn 10 phút để nhận",
    late: false,
  });
});

test("an accepted ticket is measured by the deadline of having it done", () => {
  const ticket = { state: "working", accept_by: at(-300), due_at: at(-12) };
  expect(dueWords(ticket, NOW)).toEqual({ text: "quá hạn 12 phút", late: true });
  expect(dueWords({ ...ticket, due_at: at(61) }, NOW)).toEqual({
    text: "còn 1 giờ 1 phút để xong",
    late: false,
  });
});

test("where no clock runs nothing is late", () => {
  expect(dueWords({ state: "waiting", accept_by: null, due_at: null }, NOW).text).toBe("đồng hồ dừng");
  expect(dueWords({ state: "accepted", accept_by: null, due_at: null }, NOW).text).toBe("không có hạn");
  expect(dueWords({ state: "resolved", accept_by: null, due_at: at(-5) }, NOW)).toEqual({
    text: "",
    late: false,
  });
});

test("in English, too", () => {
  speak("en");
  expect(dueWords({ state: "working", accept_by: null, due_at: at(-12) }, NOW).text).toBe(
    "overdue by 12 min",
  );
});

test("a time of another day says which, in the centre's zone wherever the phone is", () => {
  const noon = Date.parse("2026-11-26T12:05:00+07:00");
  expect(clock(noon, noon + MINUTE)).toBe("12:05");
  expect(clock(noon, noon + 1440 * MINUTE)).toContain("26");
  inZone("UTC");
  expect(clock(noon, noon + MINUTE)).toBe("05:05");
  inZone("Asia/Ho_Chi_Minh");
});
