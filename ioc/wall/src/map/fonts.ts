import latin from "@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-400-normal.woff2?url";
import latinBold from "@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-600-normal.woff2?url";
import vietnamese from "@fontsource/be-vietnam-pro/files/be-vietnam-pro-vietnamese-400-normal.woff2?url";
import vietnameseBold from "@fontsource/be-vietnam-pro/files/be-vietnam-pro-vietnamese-600-normal.woff2?url";
import type { StyleSpecification } from "maplibre-gl";

/** The letters of Vietnamese that the font keeps in a file of its own. */
const VIETNAMESE = [
  "U+0102-0103",
  "U+0110-0111",
  "U+0128-0129",
  "U+0168-0169",
  "U+01A0-01A1",
  "U+01AF-01B0",
  "U+0300-0301",
  "U+0303-0304",
  "U+0308-0309",
  "U+0323",
  "U+0329",
  "U+1EA0-1EF9",
  "U+20AB",
];

export const REGULAR = ["Wall Regular"];
export const BOLD = ["Wall Bold"];

function fontFace(origin: string, basic: string, marked: string) {
  return [{ url: origin + marked, "unicode-range": VIETNAMESE }, { url: origin + basic }];
}

/** Names are drawn from the font files of the page: there are no glyph files to make. */
export function fontFaces(origin: string): NonNullable<StyleSpecification["font-faces"]> {
  return {
    [REGULAR[0] as string]: fontFace(origin, latin, vietnamese),
    [BOLD[0] as string]: fontFace(origin, latinBold, vietnameseBold),
  };
}
