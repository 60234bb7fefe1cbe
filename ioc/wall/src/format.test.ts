import { afterEach, describe, expect, it, vi } from "vitest";
import {
  clockTime,
  coordinates,
  dayMonth,
  duration,
  measured,
  moment,
  quantity,
  setTimeZone,
  zoneOffset,
} from "./format";
import { startLanguage } from "./i18n/language";

const NIGHT = Date.parse("2025-10-29T19:00:00Z");

function speak(language: string): void {
  vi.stubGlobal("document", { documentElement: { lang: "" } });
  startLanguage(language);
}

describe("what the page writes", () => {
  afterEach(() => {
    speak("vi");
    vi.unstubAllGlobals();
  });

  it("has times of Viet Nam, whatever the machine's zone", () => {
    expect(clockTime(NIGHT)).toBe("02:00:00");
    expect(dayMonth(NIGHT)).toBe("30/10");
    expect(zoneOffset(NIGHT)).toBe(7 * 3_600_000);
  });

  it("names the day only when it is another one", () => {
    expect(moment(NIGHT, NIGHT + 60_000)).toBe("02:00:00");
    expect(moment(NIGHT, NIGHT + 86_400_000)).toContain("30/10/2025");
  });

  it("says ages in the largest sensible unit", () => {
    expect(duration(3_400)).toBe("3 giây");
    expect(duration(-5)).toBe("0 giây");
    expect(duration(12 * 60_000)).toBe("12 phút");
    expect(duration(125 * 60_000)).toBe("2 giờ 5 phút");
    expect(duration(72 * 3_600_000)).toBe("3 ngày");
  });

  it("writes numbers as the language does", () => {
    expect(quantity(10.6, "m")).toBe("10,6 m");
    speak("en");
    expect(quantity(10.6, "m")).toBe("10.6 m");
    expect(duration(1_000)).toBe("1 second");
  });

  it("gives all values of a property the same decimals, whatever digits they came with", () => {
    expect(measured(5.3, "m", "water_level")).toBe("5,30 m");
    expect(measured(5.25, "m", "water_level")).toBe("5,25 m");
    expect(measured(120, "mm", "rain_sum")).toBe("120,0 mm");
    expect(measured(3, "h", "rain_hours")).toBe("3 h");
    expect(measured(7, "", "something_else")).toBe("7");
  });

  it("writes positions with latitude first, as people read them", () => {
    expect(coordinates(108.115, 15.882)).toBe("15,8820° N, 108,1150° E");
  });

  it("keeps Viet Nam's zone when it is handed one that does not exist", () => {
    setTimeZone("Nowhere/At_All");
    expect(clockTime(NIGHT)).toBe("02:00:00");
  });
});
