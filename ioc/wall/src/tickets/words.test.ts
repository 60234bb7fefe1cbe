import { afterEach, describe, expect, it } from "vitest";
import { readLine, readTicket } from "./ticket";
import { keepUnits, readUnits } from "./units";
import { conflictText, dueText, lineText } from "./words";

const NOW = Date.parse("2026-11-26T08:00:00Z");
const line = (values: Record<string, unknown>) =>
  readLine({ at: new Date(NOW).toISOString(), who: "lan", ...values });

afterEach(() => keepUnits([]));

describe("words about tickets", () => {
  it("name the unit where a line leads to one, not its code", () => {
    keepUnits(readUnits({ units: [{ code: "pc07", name: "Cảnh sát PCCC", name_en: "Fire police" }] }));
    expect(lineText(line({ what: "forwarded", to: "pc07", text: "cháy lớn" }))).toBe(
      "Chuyển đơn vị → Cảnh sát PCCC: cháy lớn",
    );
    expect(lineText(line({ what: "severity", to: "extreme" }))).toBe("Đổi mức độ → Rất nghiêm trọng");
    expect(lineText(line({ what: "bounced_up", to: "pc07", text: "tam-ky" }))).toContain(
      "chuyển lên Cảnh sát PCCC",
    );
  });

  it("say what a timer did and to whom, not by its key", () => {
    const fired = { who: "system", what: "notified", text: "accept:khan/0", to: "duty,unit" };
    expect(lineText(line(fired))).toBe("Đã báo → người đang trực, cả đơn vị: quá hạn nhận");
    expect(lineText(line({ ...fired, what: "reminded", text: "due:60", to: "owner" }))).toBe(
      "Đã nhắc → người làm",
    );
    expect(lineText(line({ ...fired, what: "escalated", text: "due:khan/5", to: "" }))).toBe(
      "Chuyển lên cấp trên: quá hạn làm xong",
    );
    expect(lineText(line({ what: "refused", text: "due:2" }))).toBe("Từ chối: due:2");
  });

  it("leave a person's own words and unknown steps as they were written", () => {
    expect(lineText(line({ what: "comment", text: "<b>nước</b>" }))).toBe("<b>nước</b>");
    expect(lineText(line({ what: "danced" }))).toBe("danced");
  });

  it("count to the deadline and past it", () => {
    const of = (values: Record<string, unknown>) => readTicket({ id: "t", ...values });
    const [late, still] = [
      of({ state: "accepted", due_at: new Date(NOW - 7_200_000).toISOString() }),
      of({ state: "waiting", rest_s: 600 }),
    ];
    expect(late && dueText(late, NOW)).toBe("QUÁ HẠN 2 giờ");
    expect(still && dueText(still, NOW)).toBe("đồng hồ dừng, còn 10 phút");
  });

  it("say who was quicker, with what", () => {
    const told = conflictText([line({ what: "accepted" })], "minh", NOW);
    expect(told).toContain("lan: “Đã nhận”");
    expect(told).toContain("chưa được ghi");
    expect(conflictText([], "minh", NOW)).toContain("đã thay đổi");
  });
});
