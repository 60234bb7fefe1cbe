import { describe, expect, it } from "vitest";
import { en } from "./en";
import { fill, t, word } from "./language";
import { vi } from "./vi";

const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

describe("the two languages", () => {
  it("have the same keys", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(vi).sort());
  });

  it("leave no text empty and have the same holes in it", () => {
    for (const [key, text] of Object.entries(vi)) {
      const other = en[key as keyof typeof vi];
      expect(text.trim(), key).not.toBe("");
      expect(other.trim(), key).not.toBe("");
      expect(holes(other), key).toEqual(holes(text));
    }
  });

  it("name the language button with the word that stands on it", () => {
    for (const table of [vi, en]) expect(table["language.switch"]).toContain(table["language.other"]);
  });

  it("are written in composed characters, as the font has them", () => {
    for (const text of [...Object.values(vi), ...Object.values(en)]) expect(text).toBe(text.normalize("NFC"));
  });
});

describe("texts", () => {
  it("take values in and leave an unknown hole as it is", () => {
    expect(fill("{a} {b}", { a: 1 })).toBe("1 {b}");
    expect(t("newest.age", { age: "3 giây" })).toBe("Số đo mới nhất: 3 giây trước");
  });

  it("show a word of the wire that this wall does not know as it came", () => {
    expect(word("status", "new")).toBe("Mới");
    expect(word("status", "frobnicated")).toBe("frobnicated");
    expect(word("status", "__proto__")).toBe("__proto__");
  });
});
