import { wouldLose } from "../desk/typed";
import { el, replace } from "../dom";
import { t, word } from "../i18n/language";
import { whyNot } from "../people/send";
import type { Desk, Shown, Tab } from "./desk";
import { keepingFocus } from "./focus";
import { TABS } from "./panels";
import { hashOf } from "./route";
import { one } from "./server";
import type { Family, Thing } from "./thing";

/** A record: its head, the ways to its parts, and one of them. */
export class RecordView implements Shown {
  readonly root = el("article", { class: "record", data: { testid: "record" } });
  private readonly head = el("div", { class: "recordhead" });
  private readonly tabs = el("nav", { class: "tabs" });
  private readonly body = el("div", { class: "tabbody" });
  private shown: Shown | null = null;
  private thing: Thing | null = null;
  private closed = false;

  constructor(
    private readonly desk: Desk,
    private readonly family: Family,
    private readonly code: string,
    private wanted: string,
  ) {
    replace(this.root, el("p", { class: "note" }, t("desk.loading")));
    void this.load();
  }

  /** Shows the record as it is now, if it is this one. */
  take(thing: Thing): void {
    if (!this.closed && thing.family === this.family && thing.code === this.code) this.draw(thing);
  }

  /** Another part of the same record; false when it shows another one. */
  turn(family: Family, code: string, tab: string): boolean {
    if (family !== this.family || code !== this.code || !this.thing) return false;
    this.wanted = tab;
    this.draw(this.thing);
    return true;
  }

  /** In the language that was switched to. */
  speak(): void {
    if (this.thing) this.draw(this.thing, true);
  }

  speaks(): boolean {
    const { shown } = this;
    return shown?.speaks?.() ?? (shown?.speak !== undefined || !wouldLose(this.body));
  }

  close(): void {
    this.closed = true;
    this.shown?.close?.();
  }

  private async load(): Promise<void> {
    try {
      const thing = await one(this.family, this.code);
      if (this.closed) return;
      replace(this.root, this.head, this.tabs, this.body);
      this.draw(thing);
      if (thing.position) this.desk.ground.go(thing.position);
    } catch (error) {
      if (!this.closed) replace(this.root, el("p", { class: "note" }, whyNot(error)));
    }
  }

  private draw(thing: Thing, again = false): void {
    this.thing = thing;
    this.desk.ground.draw(thing.view);
    replace(
      this.head,
      el("h2", {}, thing.name),
      el(
        "p",
        {},
        el("code", {}, thing.code),
        " ",
        el("span", { class: "mark", data: { mark: thing.lifecycle } }, word("lifecycle", thing.lifecycle)),
        thing.lifecycle === "active" && thing.state !== "" ? ` ${word("state", thing.state)}` : "",
      ),
    );
    const fitting = TABS.filter((tab) => tab.fits(thing, this.desk));
    const tab = fitting.find(({ id }) => id === this.wanted) ?? fitting[0];
    this.tabs.setAttribute("aria-label", t("register.tabs"));
    keepingFocus(this.tabs, () => replace(this.tabs, ...fitting.map((each) => this.way(each, each === tab))));
    if (again && this.shown?.speak) {
      this.shown.speak();
      return;
    }
    this.shown?.close?.();
    this.shown = tab?.show(thing, this.desk) ?? null;
    replace(this.body, this.shown?.root);
  }

  private way(tab: Tab, here: boolean): HTMLElement {
    const href = hashOf({ at: "record", family: this.family, code: this.code, tab: tab.id });
    return el(
      "a",
      { attributes: { href, ...(here ? { "aria-current": "page" } : {}) }, data: { tab: tab.id } },
      t(tab.named),
    );
  }
}
