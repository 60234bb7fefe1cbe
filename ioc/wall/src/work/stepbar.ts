import { el, replace, setText } from "../dom";
import { t } from "../i18n/language";
import type { Sheet } from "./sheet";

/** What a bar has to know of its steps. */
export interface Steps<Step> {
  /** The test id of its messages. */
  message: string;
  /** The test id of a step's button. */
  idOf(step: Step): string;
  labelOf(step: Step): string;
  titleOf?(step: Step): string;
  /** On a narrow screen its button stands behind another one that shows all of these; its key works all the same. */
  isRare?(step: Step): boolean;
  start(step: Step): void;
}

/** Steps as buttons with their keys, the sheet that one of them opens below, and what was said of the last one. */
export class StepBar<Step extends { key: string }> {
  private readonly buttons = el("div", { class: "deeds", attributes: { role: "group" } });
  private readonly place = el("div", { class: "sheetplace" });
  private readonly message: HTMLElement;
  readonly root: HTMLElement;
  private fold: HTMLButtonElement | null = null;
  private open: { step: Step; close: () => void } | null = null;

  constructor(private readonly steps: Steps<Step>) {
    const data = { testid: steps.message };
    this.message = el("p", { class: "message", attributes: { role: "status" }, data });
    this.root = el("div", { class: "deedbar" }, this.buttons, this.message, this.place);
  }

  /** The buttons of now, the one that comes next marked; whichever has the focus keeps it. */
  draw(list: readonly Step[], next: Step | undefined): void {
    this.buttons.setAttribute("aria-label", t("deed.label"));
    const active = document.activeElement;
    const focused =
      active instanceof HTMLElement && this.buttons.contains(active) ? active.dataset.testid : "";
    const rare = list.filter((step) => step !== next && this.steps.isRare?.(step));
    this.fold = rare.length > 1 ? this.folding(rare.length) : null;
    replace(this.buttons, ...list.map((step) => this.drawn(step, step === next)), this.fold);
    for (const step of this.fold ? rare : []) this.button(step)?.toggleAttribute("data-rare", true);
    if (focused) this.find(focused)?.focus();
    this.mark();
  }

  /** The button of a step, if the step is offered now. */
  button(step: Step): HTMLButtonElement | null {
    return this.find(this.steps.idOf(step));
  }

  /** Opens what a step asks for, in place of what was open; `close` gives back what it holds. */
  show(step: Step, sheet: Sheet, close: () => void): void {
    this.shut(false);
    this.open = { step, close };
    // Its button has to be there for the focus to come back to.
    if (this.button(step)?.hasAttribute("data-rare")) this.unfold(true);
    replace(this.place, sheet.root);
    this.mark();
    sheet.begin();
  }

  /** Closes what is open, and gives the focus back to its button; false when nothing was. */
  shut(back = true): boolean {
    const open = this.open;
    open?.close();
    this.open = null;
    this.place.replaceChildren();
    this.mark();
    if (back && open) {
      const to = this.button(open.step) ?? this.root.closest<HTMLElement>("[tabindex]");
      to?.focus({ preventScroll: true });
    }
    return open !== null;
  }

  tell(text: string): void {
    setText(this.message, text);
  }

  /** Puts something behind what was told last. */
  add(...more: (Node | string)[]): void {
    this.message.append(...more);
  }

  private folding(count: number): HTMLButtonElement {
    const turn = () => this.unfold(!this.buttons.hasAttribute("data-unfolded"));
    return el(
      "button",
      {
        class: "quiet fold",
        attributes: { type: "button" },
        data: { testid: "more-deeds" },
        on: { click: turn },
      },
      t("deed.more", { count }),
    );
  }

  private unfold(all: boolean): void {
    this.buttons.toggleAttribute("data-unfolded", all);
    this.mark();
  }

  private find(id: string): HTMLButtonElement | null {
    return this.buttons.querySelector(`[data-testid="${id}"]`);
  }

  private drawn(step: Step, first: boolean): HTMLElement {
    const title = this.steps.titleOf?.(step);
    return el(
      "button",
      {
        class: first ? "primary" : "quiet",
        attributes: { type: "button", "aria-keyshortcuts": step.key, ...(title ? { title } : {}) },
        data: { testid: this.steps.idOf(step) },
        on: { click: () => this.steps.start(step) },
      },
      this.steps.labelOf(step),
      el("kbd", { attributes: { "aria-hidden": "true" } }, step.key.toUpperCase()),
    );
  }

  private mark(): void {
    const open = this.open && this.steps.idOf(this.open.step);
    for (const button of this.buttons.querySelectorAll("button")) {
      button.setAttribute("aria-expanded", String(open !== null && button.dataset.testid === open));
    }
    this.fold?.setAttribute("aria-expanded", String(this.buttons.hasAttribute("data-unfolded")));
  }
}
