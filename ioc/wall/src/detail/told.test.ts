import { expect, it } from "vitest";
import { readNotice, readReport } from "./told";

it("a report keeps its words as they are, markup and all", () => {
  const report = readReport({ id: "r", text: "<img src=x onerror=alert(1)>", photos: ["//elsewhere/x.jpg"] });
  expect(report.body).toBe("<img src=x onerror=alert(1)>");
  expect(report.photos).toEqual([]);
});

it("a notice says what to do after what happens", () => {
  const notice = readNotice({
    headline: "Tin lũ",
    description: "Nước lên",
    instruction: "Sơ tán",
    sender: "kttv",
  });
  expect([notice.head, notice.body, notice.from]).toEqual(["Tin lũ", "Nước lên\n\nSơ tán", "kttv"]);
});
