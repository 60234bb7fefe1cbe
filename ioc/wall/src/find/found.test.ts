import { expect, test } from "vitest";
import { Board } from "../board";
import { dayText, findHere, readFound } from "./found";

function board(): Board {
  const one = new Board();
  const put = (layer: string, id: string, properties: Record<string, unknown>) =>
    one.apply({
      kind: "put",
      layer,
      id,
      feature: { geometry: { type: "Point", coordinates: [108, 15] }, properties },
    });
  put("incident", "a", { title: "Sạt lở Trà My", title_en: "Landslide", severity: "minor", status: "new" });
  put("incident", "b", { title: "Trà My ngập", severity: "extreme", status: "new", area_name: "Trà My" });
  put("incident", "c", { title: "Trà My cũ", severity: "extreme", status: "closed" });
  put("device", "gauge-tra-my", { code: "gauge-tra-my", name: "Trạm Trà My", state: "fresh" });
  put("camera", "cam-1", { code: "cam-1", name: "Cầu Đại Lộc", state: "live" });
  return one;
}

test("what the page holds is found without a server, open incidents alone, the best first", () => {
  expect(findHere(board(), "tra my").map((one) => one.id)).toEqual(["b", "a", "gauge-tra-my"]);
  expect(findHere(board(), "LOC dai").map((one) => one.id)).toEqual(["cam-1"]);
  expect(findHere(board(), "landslide")[0]?.id).toBe("a");
  expect(findHere(board(), "zz")).toEqual([]);
  expect(findHere(board(), " ")).toEqual([]);
  expect(findHere(board(), "15.88, 108.33")[0]?.position).toEqual([108.33, 15.88]);
});

test("what the server tells is checked", () => {
  const good = {
    kind: "area",
    id: "506@2024-09-01",
    name: "Huyện Duy Xuyên",
    detail: "Huyện",
    position: [108.2, 15.8],
    until: "2025-06-30",
    successors: ["Nam Phước", 3],
  };
  const found = readFound({ found: [good, { kind: "fish", id: "x" }, null, { kind: "place" }] });
  expect(found).toHaveLength(1);
  expect(found[0]?.successors).toEqual(["Nam Phước"]);
  expect(readFound(null)).toEqual([]);
  expect(dayText("2025-06-30")).toBe("30/06/2025");
});
