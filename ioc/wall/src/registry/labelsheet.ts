import { call } from "../api";
import { el, replace } from "../dom";
import { t } from "../i18n/language";
import { drawingOf, type Label, Labels } from "./printing";
import { pathOf } from "./server";
import type { Thing } from "./thing";

/** So many labels are asked for at a time. */
const AT_ONCE = 6;

/** What has a label: a retired thing has none any more. */
export function labelled(things: readonly Thing[]): Thing[] {
  return things.filter(({ lifecycle }) => lifecycle !== "retired");
}

/** Does something with each, `most` at a time; the answers in the order of what was given. */
export async function each<T, A>(
  given: readonly T[],
  most: number,
  work: (one: T) => Promise<A>,
): Promise<A[]> {
  const answers = new Array<A>(given.length);
  let next = 0;
  const go = async () => {
    for (let at = next++; at < given.length; at = next++) answers[at] = await work(given[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(most, given.length) }, go));
  return answers;
}

/** The labels of many things, to be printed together; those that cannot be had are named. */
export class LabelSheet {
  readonly root = el("section", { class: "card", data: { testid: "label-sheet" } });
  private labels: Labels | null = null;
  private closed = false;

  constructor(things: readonly Thing[]) {
    replace(this.root, el("p", { class: "note", attributes: { role: "status" } }, t("desk.loading")));
    void this.load(things);
  }

  close(): void {
    this.closed = true;
    this.labels?.close();
  }

  private async load(things: readonly Thing[]): Promise<void> {
    const answers = await each(things, AT_ONCE, (thing) => this.ask(thing));
    if (this.closed) return;
    const found = answers.filter((one) => one !== null);
    const missing = things.filter((_, at) => answers[at] === null).map(({ code }) => code);
    this.labels = found.length === 0 ? null : new Labels(found, "sheet");
    replace(
      this.root,
      el("h3", {}, t("label.sheet.title", { count: found.length })),
      el("p", { class: "dim" }, t("label.sheet.what")),
      missing.length > 0 &&
        el(
          "p",
          { class: "message", attributes: { role: "alert" } },
          t("label.sheet.missing", { codes: missing.join(", ") }),
        ),
      this.labels?.root,
    );
    this.root.querySelector("button")?.focus();
  }

  private async ask({ family, code }: Thing): Promise<Label | null> {
    if (this.closed) return null;
    try {
      const svg = await (await call(pathOf(family, code, "/label"))).text();
      return { name: t("label.of", { code }), drawing: drawingOf(svg) };
    } catch {
      return null;
    }
  }
}
