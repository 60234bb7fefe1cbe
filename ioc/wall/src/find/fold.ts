/** Names as they are compared when somebody looks for one; `ioc/finding.py` does the same. Pure. */

const INNER = 3;
const MOST_WORDS = 8;

/** The words of a name in lower case without accents, one space between them; đ counts as d. */
export function fold(name: string): string {
  return name
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/đ/g, "d")
    .replace(/Đ/g, "D")
    .replace(/[^A-Za-z0-9]+/g, " ")
    .trim()
    .toLowerCase();
}

export function wordsOf(text: string): string[] {
  const words = fold(text)
    .split(" ")
    .filter((word) => word !== "");
  return [...new Set(words)].slice(0, MOST_WORDS);
}

/** How well a folded name fits: 0 whole, 1 from its beginning, 2 at beginnings of words, 3 inside; null not at all. */
export function rank(folded: string, words: readonly string[]): number | null {
  const whole = words.join(" ");
  if (folded === whole) return 0;
  if (folded.startsWith(whole)) return 1;
  const spaced = ` ${folded}`;
  if (words.every((word) => spaced.includes(` ${word}`))) return 2;
  const inside = words.every((word) => spaced.includes(word.length >= INNER ? word : ` ${word}`));
  return inside ? 3 : null;
}

const PAIR = /^([+-]?\d{1,3}(?:\.\d{1,9})?)(?:\s*[,;]\s*|\s+)([+-]?\d{1,3}(?:\.\d{1,9})?)$/;

/** A place written as two numbers, latitude first unless only the other order lies on Earth: longitude, latitude. */
export function pairOf(text: string): [number, number] | null {
  const pair = PAIR.exec(text.trim());
  if (!pair) return null;
  let [lat, lon] = [Number(pair[1]), Number(pair[2])];
  if (Math.abs(lat) > 90) [lat, lon] = [lon, lat];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? [lon, lat] : null;
}
