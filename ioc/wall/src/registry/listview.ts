import { serverNow } from "../clock";
import { el, replace } from "../dom";
import { dayOf } from "../duty/week";
import { quantity } from "../format";
import { t, word } from "../i18n/language";
import type { Position } from "../model";
import { CAMERA_SHAPE, lineIcon, stationShape } from "../shapes";
import { metresBetween } from "../work/distance";
import { keepingFocus } from "./focus";
import { hashOf } from "./route";
import { isOutOfWarranty, isTroubled, type Thing } from "./thing";

/**
 * What the list says of a thing beside its name; only of what is not as it should be, and of what is not in use. What
 * the law asks of devices keeps none from being in use, so that it has no colour.
 */
export function marksOf(thing: Thing, today: string): Array<{ words: string; kind: string }> {
  const marks = [];
  if (thing.lifecycle !== "active")
    marks.push({ words: word("lifecycle", thing.lifecycle), kind: thing.lifecycle });
  if (isTroubled(thing)) marks.push({ words: word("state", thing.state), kind: "trouble" });
  if (thing.unlawful.length > 0 && thing.lifecycle !== "retired")
    marks.push({
      words: t("register.mark.unlawful", { count: thing.unlawful.length }),
      kind: thing.family === "cameras" ? "unlawful" : "asked",
    });
  if (isOutOfWarranty(thing, today)) marks.push({ words: t("register.mark.warranty"), kind: "warranty" });
  return marks;
}

/** How far something is, as a technician reads it. */
export function farText(metres: number): string {
  if (metres < 1_000) return quantity(Math.round(metres), "m");
  return quantity(Math.round(metres / 100) / 10, "km");
}

/** The things from the nearest to a place; what stands nowhere comes last. */
export function byDistance(things: readonly Thing[], place: Position): Thing[] {
  const far = ({ position }: Thing) => (position ? metresBetween(position, place) : Number.MAX_VALUE);
  return [...things].sort((one, other) => far(one) - far(other));
}

/** The listed things, each with a box to choose it for a common change; the arrows lead from one to the next. */
export class ListView {
  readonly root = el("ul", { class: "things", data: { testid: "things" } });
  readonly ticked = new Set<string>();
  private rows = new Map<string, HTMLElement>();

  constructor(private readonly changed: () => void) {
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("change", (event) => {
      const box = event.target;
      if (!(box instanceof HTMLInputElement)) return;
      if (box.checked) this.ticked.add(box.value);
      else this.ticked.delete(box.value);
      this.changed();
    });
  }

  show(things: readonly Thing[], chosen: string, choosing: boolean, here: Position | null): void {
    const day = dayOf(serverNow());
    const listed = new Set(things.map(({ code }) => code));
    for (const code of this.ticked) if (!listed.has(code)) this.ticked.delete(code);
    this.rows = new Map(things.map((thing) => [thing.code, this.row(thing, day, choosing, here)]));
    keepingFocus(this.root, () => replace(this.root, ...this.rows.values()));
    this.select(chosen, false);
  }

  /** Marks the chosen one and brings it into sight. */
  select(chosen: string, scroll = true): void {
    for (const [code, row] of this.rows) {
      const link = row.querySelector("a");
      if (code === chosen) link?.setAttribute("aria-current", "true");
      else link?.removeAttribute("aria-current");
    }
    if (scroll) this.rows.get(chosen)?.scrollIntoView({ block: "nearest" });
  }

  tick(codes: readonly string[], on: boolean): void {
    for (const code of codes) {
      if (on) this.ticked.add(code);
      else this.ticked.delete(code);
    }
    for (const box of this.root.querySelectorAll<HTMLInputElement>("input[type=checkbox]"))
      box.checked = this.ticked.has(box.value);
    this.changed();
  }

  private row(thing: Thing, day: string, choosing: boolean, here: Position | null): HTMLElement {
    const marks = marksOf(thing, day).map(({ words, kind }) =>
      el("span", { class: "mark", data: { mark: kind } }, words),
    );
    const far = here && thing.position ? farText(metresBetween(thing.position, here)) : "";
    const box = el("input", {
      attributes: {
        type: "checkbox",
        value: thing.code,
        "aria-label": t("register.tick", { name: thing.name }),
      },
      data: { testid: `tick-${thing.code}` },
    });
    box.checked = this.ticked.has(thing.code);
    const icon = lineIcon(thing.family === "cameras" ? CAMERA_SHAPE : stationShape(thing.kind));
    return el(
      "li",
      { data: { thing: thing.code } },
      choosing && el("span", { class: "box" }, box),
      el(
        "a",
        {
          attributes: {
            href: hashOf({ at: "record", family: thing.family, code: thing.code, tab: "" }),
          },
          data: { code: thing.code },
        },
        icon,
        el(
          "span",
          { class: "naming" },
          el("b", {}, thing.name),
          el("small", { class: "dim" }, [thing.code, thing.areaName].filter(Boolean).join(" · ")),
        ),
        el("span", { class: "marks" }, far !== "" && el("span", { class: "far" }, far), ...marks),
      ),
    );
  }

  private key(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || !(event.target instanceof HTMLElement)) return;
    const code = event.target.closest<HTMLElement>("[data-thing]")?.dataset.thing ?? "";
    const codes = [...this.rows.keys()];
    const next = codes[codes.indexOf(code) + step];
    if (next === undefined) return;
    event.preventDefault();
    this.rows.get(next)?.querySelector("a")?.focus();
  }
}
