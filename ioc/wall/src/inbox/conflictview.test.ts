import { expect, test } from "vitest";
import { saidOf } from "./conflictview";
import type { Line } from "./wire";

const LINE: Line = {
  at: "",
  who: "system",
  what: "sub",
  text: "Chốt chặn",
  to: "pc08",
  unit: "",
  version: 1,
  made_at: null,
  photos: [],
};
const desk = {
  unitName: (code: string) => ({ pc08: "Cảnh sát giao thông", "so-xd": "Sở Xây dựng" })[code] ?? code,
};

test("a line of the log names units and severities in words, and people as they are", () => {
  expect(saidOf(LINE, desk)).toBe("Chốt chặn → Cảnh sát giao thông");
  expect(saidOf({ ...LINE, what: "severity", text: "", to: "extreme" }, desk)).toBe("Rất nghiêm trọng");
  expect(saidOf({ ...LINE, what: "bounced_up", text: "so-xd" }, desk)).toBe(
    "Sở Xây dựng → Cảnh sát giao thông",
  );
  expect(saidOf({ ...LINE, what: "notified", text: "accept:khan/0", to: "duty,unit" }, desk)).toBe(
    "quá hạn nhận → người đang trực, cả đơn vị",
  );
  expect(saidOf({ ...LINE, what: "reminded", text: "due:60", to: "owner" }, desk)).toBe("người làm");
  expect(saidOf({ ...LINE, what: "assigned", text: "", to: "lan" }, desk)).toBe("lan");
});
