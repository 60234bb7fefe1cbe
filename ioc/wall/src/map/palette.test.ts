import { describe, expect, it } from "vitest";
import { type Palette, paletteOf } from "./palette";

/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
  const part = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const grounds = (one: Palette) => [one.sea, one.far, one.land];

describe.each(["dark", "light"] as const)("the %s palette", (theme) => {
  const one = paletteOf(theme);

  it("lets letters be read (AA, 4.5 to 1)", () => {
    for (const letters of [one.name, one.placeName, one.calm, one.trouble])
      for (const ground of grounds(one))
        expect(contrast(letters, ground), letters).toBeGreaterThanOrEqual(4.5);
    expect(contrast(one.text, one.plate)).toBeGreaterThanOrEqual(4.5);
  });

  it("lets symbols be told from the ground (AA, 3 to 1)", () => {
    for (const sign of [...Object.values(one.severity), one.ring, one.viewShown, one.lead])
      for (const ground of [...grounds(one), one.plate])
        expect(contrast(sign, ground), `${sign} on ${ground}`).toBeGreaterThanOrEqual(3);
  });

  it("has a heat whose lightness runs one way", () => {
    const steps = one.heat.map(luminance);
    const sorted = [...steps].sort((a, b) => (theme === "dark" ? a - b : b - a));
    expect(steps).toEqual(sorted);
  });
});
