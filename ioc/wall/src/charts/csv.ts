/** Tables as CSV (RFC 4180) that a spreadsheet shows and does not carry out, as the server writes its own. Pure. */

export type Cell = string | number | null;

const NUMBER = /^[+-]?[0-9]+(\.[0-9]+)?$/;
/** A spreadsheet takes these for the beginning of a formula, also behind the separator of another country. */
const ACTIVE = /^(?=\s*[=+\-@＝＋－＠]|[\t\r\n])/;
const SEPARATED = /([\t\r\n;|,"'])(?=\s*[=+\-@＝＋－＠])/g;

/** The text, in which nothing begins like a formula. */
export function harmless(text: string): string {
  return NUMBER.test(text) ? text : text.replace(SEPARATED, "$1'").replace(ACTIVE, "'");
}

function cell(value: Cell): string {
  if (value === null) return "";
  const text = typeof value === "number" ? String(value) : harmless(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** In UTF-8 with a mark before it, without which spreadsheets take it for the system's own code page. */
export function csv(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return `\ufeff${[heads, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("")}`;
}

/** RFC 3339 in a zone that is so far ahead of UTC, in milliseconds. */
export function stamped(ms: number, offset: number): string {
  const minutes = Math.round(offset / 60_000);
  const two = (value: number) => String(value).padStart(2, "0");
  const zone = `${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  return new Date(ms + offset).toISOString().replace(/(\.000)?Z$/, zone);
}
