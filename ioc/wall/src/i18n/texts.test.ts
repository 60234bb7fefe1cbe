import { describe, expect, it } from "vitest";
import { en } from "./en";
import { vi } from "./vi";

/** Letters that English has not. */
const VIETNAMESE = /[ăâđêôơưĂÂĐÊÔƠƯà-öø-ỹÀ-ÖØ-Ỹ]/u;
/** Names, which are the same in every language. */
const NAMES = /Quảng Nam|Hoàng Sa|Trường Sa|Tiếng Việt/g;
/** Written the same in both languages: names, units, and words that Vietnamese took over. */
const SAME = new Set([
  "app.short",
  "admin.sure",
  "category.camera",
  "channel.webhook",
  "channel.zalo",
  "deed.send",
  "endpoint.webhook",
  "figures.p90",
  "find.kind.camera",
  "kiosk.place",
  "kpi.of",
  "legend.camera",
  "list.count",
  "place.camera",
  "quality.kind.camera",
  "report.metres",
  "source.camera",
]);

describe("a text", () => {
  it("is translated, unless it is a name or a unit", () => {
    const same = Object.keys(vi).filter((key) => vi[key as keyof typeof vi] === en[key as keyof typeof vi]);
    expect(same.filter((key) => !SAME.has(key) && /\p{L}/u.test(vi[key as keyof typeof vi]))).toEqual([]);
  });

  it("has no Vietnamese left in English", () => {
    const left = Object.entries(en).filter(([, text]) => VIETNAMESE.test(text.replace(NAMES, "")));
    expect(left).toEqual([]);
  });
});

const SOURCES = import.meta.glob<string>(
  ["../**/*.ts", "!../**/*.test.ts", "!./*.ts", "!../inbox/words.ts"],
  {
    query: "?raw",
    import: "default",
    eager: true,
  },
);
const LITERAL = `(?:"((?:[^"\\\\\\n]|\\\\.)*)"|\`((?:[^\`\\\\]|\\\\.)*)\`)`;
/** Where a literal comes before a reader: as a child of an element, as its text, as a name or a title of it. */
const SHOWN = [
  new RegExp(`\\},\\s*${LITERAL}\\s*,?\\s*\\)`, "g"),
  new RegExp(`(?:textContent|\\.title|placeholder|\\.alt) = ${LITERAL}`, "g"),
  new RegExp(`(?:"aria-label"|\\btitle|placeholder|\\balt|label): ${LITERAL}`, "g"),
  new RegExp(`setText\\([^,]+, ${LITERAL}\\)`, "g"),
];
/** Not read as words: names in the code, abbreviations of formats, and units that both languages write so. */
const NO_WORDS = /^(?:[a-z][a-z-]*|PNG|CSV|NDJSON|JSON|PDF|km|m|s|h|kB|MB)$/;

/** The beginning of a template with another one in it, which these patterns do not see through. */
const HALF = /\$\{/;

/** What stands before a reader in only one language: literals with letters in them, holes taken out. */
function untranslated(source: string): string[] {
  return SHOWN.flatMap((pattern) => [...source.matchAll(pattern)])
    .map((found) => (found[1] ?? found[2] ?? "").replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, "").trim())
    .filter((text) => /\p{L}{2}/u.test(text) && !NO_WORDS.test(text) && !HALF.test(text));
}

/** Values of the base map's data, which the map asks for. */
const DATA = ["Đường sắt", "Đặc khu"];
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

describe("the sources", () => {
  it("say nothing to a reader but by a key", () => {
    expect(Object.keys(SOURCES).length).toBeGreaterThan(150);
    const found = Object.entries(SOURCES).map(([name, source]) => [name, ...untranslated(source)]);
    expect(found.filter(([, ...texts]) => texts.length > 0)).toEqual([]);
  });

  it("hold no Vietnamese, which belongs into the tables", () => {
    for (const [name, source] of Object.entries(SOURCES)) {
      const strings = [...source.replace(COMMENT, "").matchAll(new RegExp(LITERAL, "g"))].map(
        (one) => one[1] ?? one[2] ?? "",
      );
      expect(
        strings.filter((text) => VIETNAMESE.test(text.replace(NAMES, "")) && !DATA.includes(text)),
        name,
      ).toEqual([]);
    }
  });

  it("would be found out", () => {
    expect(untranslated('el("p", { class: "note" }, "Not found")')).toEqual(["Not found"]);
    expect(untranslated('el("p", {}, `Chờ`)')).toEqual(["Chờ"]);
    expect(untranslated('el("p", {}, t("a"))')).toEqual([]);
  });
});
