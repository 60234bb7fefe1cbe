import { type Child, el } from "../dom";

/** Name and value, for a definition list; a fact without a value is left out. */
export type Fact = [name: string, value: string | Node | null | undefined];

export function facts(entries: Fact[]): HTMLElement {
  const rows: Child[] = entries.map(
    ([name, value]) =>
      value !== null &&
      value !== undefined &&
      value !== "" &&
      el("div", {}, el("dt", {}, name), el("dd", {}, value)),
  );
  return el("dl", { class: "facts" }, ...rows);
}
