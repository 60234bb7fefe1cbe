import { el, replace } from "../dom";
import { t } from "../i18n/language";
import type { View } from "./view";

/** The panel beside the map: one view at a time, closed by its button or by Esc. */
export class DetailPanel {
  private view: View | null = null;
  private readonly close = el(
    "button",
    { class: "close", attributes: { type: "button" }, on: { click: () => this.dismiss() } },
    "×",
  );

  constructor(
    private readonly root: HTMLElement,
    private readonly onClosed: () => void,
  ) {
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.view || document.querySelector("dialog[open]")) return;
      if (!this.view.escape?.()) this.dismiss();
    });
  }

  get isOpen(): boolean {
    return this.view !== null;
  }

  shows(key: string): boolean {
    return this.view !== null && this.root.dataset.shows === key;
  }

  /** @param key what is shown, for the tests and for the page's own state */
  show(view: View, key: string): void {
    this.view?.close();
    this.view = view;
    this.root.dataset.shows = key;
    this.close.setAttribute("aria-label", t("detail.close"));
    replace(this.root, this.close, view.root);
    this.root.hidden = false;
    this.root.scrollTop = 0;
    this.root.focus({ preventScroll: true });
    view.render();
  }

  /** Ends what is shown before another view is made, so that it gives back what the page lent it. */
  leave(): void {
    this.view?.close();
    this.view = null;
  }

  dismiss(): void {
    this.view?.close();
    this.view = null;
    delete this.root.dataset.shows;
    this.root.replaceChildren();
    this.root.hidden = true;
    this.onClosed();
  }

  /** A letter was pressed; whether it was for what is shown. */
  key(letter: string): boolean {
    return this.view?.key?.(letter) ?? false;
  }

  silenced(): void {
    this.view?.silenced?.();
  }

  changed(layer: string, id: string, version = 0): void {
    this.view?.changed(layer, id, version);
  }

  tick(): void {
    this.view?.tick();
  }

  render(): void {
    this.close.setAttribute("aria-label", t("detail.close"));
    this.view?.render();
  }
}
