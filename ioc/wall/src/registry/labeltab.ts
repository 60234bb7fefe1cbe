import { call } from "../api";
import { el, replace } from "../dom";
import { t } from "../i18n/language";
import { whyNot } from "../people/send";
import type { Shown, Tab } from "./desk";
import { drawingOf, Labels } from "./printing";
import { pathOf } from "./server";
import type { Thing } from "./thing";

/** The label that is stuck on a thing: its code, its name, and a QR code that leads to its record. */
class LabelTab implements Shown {
  readonly root = el("div", { class: "tabbody" });
  private labels: Labels | null = null;
  private closed = false;

  constructor(private readonly thing: Thing) {
    replace(this.root, el("p", { class: "note" }, t("desk.loading")));
    void this.load();
  }

  close(): void {
    this.closed = true;
    this.labels?.close();
  }

  private async load(): Promise<void> {
    const { family, code } = this.thing;
    try {
      const svg = await (await call(pathOf(family, code, "/label"))).text();
      if (this.closed) return;
      this.labels = new Labels([{ name: t("label.of", { code }), drawing: drawingOf(svg) }]);
      replace(
        this.root,
        el("section", { class: "card" }, el("p", { class: "dim" }, t("label.what")), this.labels.root),
      );
    } catch (error) {
      if (!this.closed) replace(this.root, el("p", { class: "note" }, whyNot(error)));
    }
  }
}

export const LABEL: Tab = {
  id: "label",
  named: "label.tab",
  fits: (thing) => thing.lifecycle !== "retired",
  show: (thing) => new LabelTab(thing),
};
