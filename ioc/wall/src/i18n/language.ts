import { en } from "./en";
import { vi } from "./vi";

export type Key = keyof typeof vi;
export type Language = "vi" | "en";

const TABLES: Record<Language, Record<Key, string>> = { vi, en };
const STORED = "ioc.language";

let current: Language = "vi";
const listeners = new Set<() => void>();
const guards = new Set<() => boolean>();

export function language(): Language {
  return current;
}

/** The BCP 47 tag that numbers and dates are written in. */
export function locale(): string {
  return current === "vi" ? "vi-VN" : "en-GB";
}

function isLanguage(value: unknown): value is Language {
  return value === "vi" || value === "en";
}

/** The language the reader chose on this machine, or null. Storage may be forbidden. */
function chosen(): Language | null {
  try {
    const stored = localStorage.getItem(STORED);
    return isLanguage(stored) ? stored : null;
  } catch {
    return null;
  }
}

/** Takes the reader's own choice, then what the centre prefers, then Vietnamese. */
export function startLanguage(preferred?: string): void {
  current = chosen() ?? (isLanguage(preferred) ? preferred : "vi");
  document.documentElement.lang = current;
}

/** Shows the page in the other language, unless the reader would lose something and says no. */
export function switchLanguage(): void {
  for (const guard of guards) if (!guard()) return;
  current = current === "vi" ? "en" : "vi";
  document.documentElement.lang = current;
  try {
    localStorage.setItem(STORED, current);
  } catch {
    // The choice then lasts until the page closes.
  }
  for (const listener of listeners) listener();
}

export function onLanguage(listener: () => void): void {
  listeners.add(listener);
}

/** Asked before the reader's language is switched; false leaves the page as it is. */
export function beforeLanguage(guard: () => boolean): void {
  guards.add(guard);
}

export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));
}

export function t(key: Key, values?: Record<string, string | number>): string {
  const text = TABLES[current][key];
  return values ? fill(text, values) : text;
}

/** The text of a word that came over the wire, or the word itself where this wall does not know it. */
export function word(group: string, value: string): string {
  const key = `${group}.${value}`;
  return key in vi ? TABLES[current][key as Key] : value;
}
