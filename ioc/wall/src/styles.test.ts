import { describe, expect, it } from "vitest";
import { contrast } from "./contrast";
import { paletteOf } from "./map/palette";
import { SEVERITIES } from "./model";

const SHEETS = import.meta.glob<string>("./styles/*.css", { query: "?raw", import: "default", eager: true });
const BASE = SHEETS["./styles/base.css"] ?? "";

/** The colours of a theme by their names; what the light one does not say is as in the dark one. */
function coloursOf(theme: "dark" | "light"): Record<string, string> {
  const blocks = [...BASE.matchAll(/:root(\[data-theme="light"\])? \{([^}]*)\}/g)];
  const found: Record<string, string> = {};
  for (const [, light, body = ""] of blocks) {
    if (light && theme === "dark") continue;
    for (const [, name = "", value = ""] of body.matchAll(/--([\w-]+): (#\w+);/g)) found[name] = value;
  }
  return found;
}

const GROUNDS = ["ground", "panel", "raised", "chosen"];
const LETTERS = [
  ...["text", "strong", "soft", "dim", "extreme", "severe", "moderate", "minor", "trouble"],
  ...["warn", "hint", "wrong", "good"],
];
const MARKS = ["rim", "field", "calm", "calm-mark", "plot", "bar", "good-mark", "past"];
/** Letters, and what they alone stand on. */
const PAIRS = [
  ["ink", "text"],
  ["ink", "extreme"],
  ["ink", "trouble"],
  ["ink", "badge"],
  ["ink-soft", "text"],
  ["lost-ink", "lost"],
  ["past-ink", "past"],
  ["past-ink", "past-stripe"],
  ["past-wrong", "past"],
  ["past-deep-ink", "past-deep"],
  ["strong", "mark"],
  ["dim", "film"],
] as const;

describe.each(["dark", "light"] as const)("the %s theme", (theme) => {
  const colours = coloursOf(theme);
  const at = (a: string, b: string) => contrast(colours[a] ?? "", colours[b] ?? "");

  it("lets letters be read (AA, 4.5 to 1)", () => {
    for (const letters of LETTERS)
      for (const ground of GROUNDS)
        expect(at(letters, ground), `${letters} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    for (const [letters, ground] of PAIRS)
      expect(at(letters, ground), `${letters} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });

  it("lets marks be told from the ground (AA, 3 to 1)", () => {
    for (const mark of MARKS)
      for (const ground of ["ground", "panel"])
        expect(at(mark, ground), `${mark} on ${ground}`).toBeGreaterThanOrEqual(3);
  });

  it("shows severities as the map does", () => {
    for (const severity of SEVERITIES) expect(colours[severity]).toBe(paletteOf(theme).severity[severity]);
    expect(colours.trouble).toBe(paletteOf(theme).trouble);
  });
});

it("keeps every colour in one sheet", () => {
  expect(Object.values(SHEETS).filter((sheet) => sheet.length > 100).length).toBeGreaterThan(20);
  for (const [name, sheet] of Object.entries(SHEETS))
    if (name !== "./styles/base.css")
      expect(sheet.match(/#[0-9a-f]{3,8}\b(?! )|rgba?\(|hsla?\(/gi), name).toBeNull();
});

it("moves nothing by itself, so that nothing flashes (WCAG 2.3.1)", () => {
  for (const [name, sheet] of Object.entries(SHEETS))
    expect(sheet.match(/@keyframes|animation/g), name).toBeNull();
});
