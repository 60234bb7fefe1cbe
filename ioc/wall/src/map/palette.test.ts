import { describe, expect, it } from "vitest";
import { contrast, luminance } from "../contrast";
import { type Palette, paletteOf } from "./palette";

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
