import { describe, expect, it } from "vitest";
import { ratePerHour, trendText } from "./trend";

const MINUTE = 60_000;
const point = (minute: number, value: number, quality = "good") => ({ t: minute * MINUTE, value, quality });

describe("the trend of a value", () => {
  it("is that of an hour, by the good readings", () => {
    expect(
      ratePerHour([point(0, 5), point(30, 5.1), point(60, 5.4), point(61, 9, "implausible")]),
    ).toBeCloseTo(0.4);
    expect(ratePerHour([point(0, 5), point(30, 5.2)])).toBeCloseTo(0.4);
  });

  it("is not made up from what is too near, too old or not good", () => {
    expect(ratePerHour([])).toBeNull();
    expect(ratePerHour([point(0, 5), point(5, 6)])).toBeNull();
    expect(ratePerHour([point(0, 5), point(400, 6)])).toBeNull();
    expect(ratePerHour([point(0, 5, "fault"), point(60, 6)])).toBeNull();
  });

  it("has an arrow and a sign, and is even where it rounds to nothing", () => {
    expect(trendText([point(0, 5), point(60, 5.4)], "m", "water_level")).toBe("↗ +0,40 m mỗi giờ");
    expect(trendText([point(0, 5.4), point(60, 5)], "m", "water_level")).toBe("↘ −0,40 m mỗi giờ");
    expect(trendText([point(0, 5), point(60, 5.001)], "m", "water_level")).toBe("→ không đổi");
    expect(trendText([], "m", "water_level")).toBe("");
    expect(trendText([point(0, 5), point(60, 9)], "mm", "rain_sum")).toBe("");
  });
});
