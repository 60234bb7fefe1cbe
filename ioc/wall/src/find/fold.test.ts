import { expect, test } from "vitest";
import { fold, pairOf, rank, wordsOf } from "./fold";

test("accents, case, punctuation and đ do not matter", () => {
  expect(fold("  Xã Đại Lộc – 2 ")).toBe("xa dai loc 2");
  expect(fold("Ơ Ư Ă Â Ê Ô đ")).toBe("o u a a e o d");
  expect(wordsOf("Hội  An hội")).toEqual(["hoi", "an"]);
  expect(wordsOf(" –! ")).toEqual([]);
});

test("the whole name is better than its beginning, that than words, those than what lies inside", () => {
  const of = (name: string, text: string) => rank(fold(name), wordsOf(text));
  expect(of("Hội An", "hoi an")).toBe(0);
  expect(of("Hội An Đông", "hoi an")).toBe(1);
  expect(of("Phường Hội An", "an hoi")).toBe(2);
  expect(of("Sông Thu Bồn", "ong")).toBe(3);
  expect(of("Sông Thu Bồn", "ng")).toBeNull();
  expect(of("Sông Thu Bồn", "thu dong")).toBeNull();
});

test("coordinates are read in either order", () => {
  expect(pairOf("15.88, 108.33")).toEqual([108.33, 15.88]);
  expect(pairOf("108.33 15.88")).toEqual([108.33, 15.88]);
  expect(pairOf("-200, 300")).toBeNull();
  expect(pairOf("15.88")).toBeNull();
});
