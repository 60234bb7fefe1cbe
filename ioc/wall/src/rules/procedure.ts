import { codeOf } from "../detail/checklist";
import { isJson, type Json, number, text } from "../model";

/** The procedure of a category. */
export interface Procedure {
  category: string;
  version: number;
  changedBy: string;
  items: Step[];
}

export interface Step {
  item: string;
  vi: string;
  en: string;
  required: boolean;
}

export function procedureOf(value: Json): Procedure {
  const items = Array.isArray(value.items) ? value.items.filter(isJson) : [];
  return {
    category: text(value.category),
    version: number(value.version) ?? 0,
    changedBy: text(value.changed_by),
    items: items.map((one) => ({
      item: text(one.item),
      vi: text(one.vi),
      en: text(one.en),
      required: one.required === true,
    })),
  };
}

export function proceduresOf(body: unknown): Procedure[] {
  const found = isJson(body) && Array.isArray(body.checklists) ? body.checklists.filter(isJson) : [];
  return found.map(procedureOf);
}

/** One step a line, as it is edited. */
export function written(items: readonly Step[]): string {
  return items.map((one) => `${one.required ? "* " : ""}${one.vi} // ${one.en}`).join("\n");
}

/**
 * The steps of edited lines, or the number of the first line that is none. A step whose words in either language are
 * those of before keeps its code, so that the log still speaks of the same step.
 */
export function steps(lines: string, before: readonly Step[]): Step[] | number {
  const taken = new Set<string>();
  const found: Step[] = [];
  for (const [at, line] of lines.split("\n").entries()) {
    if (line.trim() === "") continue;
    const required = line.trimStart().startsWith("*");
    const [vi = "", en = "", ...more] = line
      .replace(/^\s*\*/, "")
      .split("//")
      .map((part) => part.trim());
    if (vi === "" || en === "" || more.length > 0) return at + 1;
    const same = before.find((one) => (one.vi === vi || one.en === en) && !taken.has(one.item));
    const item = same?.item ?? codeOf(en, new Set([...taken, ...before.map((one) => one.item)]));
    taken.add(item);
    found.push({ item, vi, en, required });
  }
  return found;
}
