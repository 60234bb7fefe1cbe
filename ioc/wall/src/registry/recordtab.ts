import { serverNow } from "../clock";
import { button } from "../desk/parts";
import { carryTyped, wouldLose } from "../desk/typed";
import { el, replace } from "../dom";
import { dayOf } from "../duty/week";
import { moment } from "../format";
import { t } from "../i18n/language";
import type { Desk, Shown, Tab } from "./desk";
import { Editing } from "./editing";
import { fieldsOf, GROUPS, type Group, labelOf, shownOf } from "./fields";
import { optionsOf } from "./form";
import { limitsOf, readMeasures } from "./measures";
import { photoCard } from "./photocard";
import { stepBar } from "./steps";
import { isOutOfWarranty, type Thing } from "./thing";

function fact(name: string, shown: string, bad: boolean): HTMLElement {
  return el("div", bad ? { class: "bad" } : {}, el("dt", {}, labelOf(name)), el("dd", {}, shown));
}

function factsOf(thing: Thing, group: Group, desk: Desk): HTMLElement {
  const now = serverNow();
  const rows = fieldsOf(thing.family, group).map((field) => {
    const value = thing.raw[field.name];
    const named = optionsOf(field, desk.session).find(([code]) => code === value)?.[1];
    const over = field.name === "warranty_until" && isOutOfWarranty(thing, dayOf(now));
    const missing = thing.unlawful.includes(field.name);
    const words = named ?? shownOf(field.name, value, now);
    return fact(field.name, missing ? t("register.missing") : words, missing || over);
  });
  if (group === "technique")
    rows.push(...readMeasures(thing.raw).map((one) => fact(one.name, limitsOf(one), false)));
  if (group === "what") rows.unshift(fact("code", thing.code, false));
  if (group === "where") {
    rows.unshift(fact("area_name", shownOf("area_name", thing.areaName), false));
    rows.unshift(fact("position", shownOf("position", thing.position), thing.position === null));
  }
  return el(
    "section",
    { class: "card", data: { group } },
    el("h3", {}, t(`register.group.${group}`)),
    el("dl", {}, ...rows),
  );
}

/** What is known of a thing, its steps and its photograph; a button makes a form of it. */
class RecordTab implements Shown {
  readonly root = el("div", { class: "tabbody" });
  private editing: Editing | null = null;

  constructor(
    private readonly thing: Thing,
    private readonly desk: Desk,
  ) {
    this.read();
  }

  close(): void {
    this.editing?.close();
  }

  /** The form, too, is one in the other language then, with what is typed in it. */
  speak(): void {
    const { editing } = this;
    if (!editing) {
      this.read();
      return;
    }
    this.begin();
    if (this.editing) carryTyped(editing.root.querySelectorAll("form"), this.editing.root);
  }

  /** What is read is drawn anew: a reason for a step that is typed in it would be gone. */
  speaks(): boolean {
    return this.editing !== null || !wouldLose(this.root);
  }

  private read(): void {
    const { thing, desk } = this;
    this.editing?.close();
    this.editing = null;
    const changed =
      thing.updatedAt !== null &&
      t("register.changed", { who: thing.updatedBy, time: moment(thing.updatedAt, serverNow()) });
    replace(
      this.root,
      stepBar(thing, desk),
      desk.keeps && button(t("register.edit"), () => this.edit(), { testid: "edit" }),
      ...GROUPS.map((group) => factsOf(thing, group, desk)),
      photoCard(thing, desk),
      el(
        "p",
        { class: "dim" },
        t("register.version", { version: thing.version }),
        changed && ` · ${changed}`,
      ),
    );
  }

  private edit(): void {
    this.begin().querySelector<HTMLElement>("input")?.focus();
  }

  private begin(): HTMLElement {
    this.editing?.close();
    this.editing = new Editing(this.thing, this.desk, () => this.read());
    replace(this.root, this.editing.root);
    return this.editing.root;
  }
}

export const RECORD: Tab = {
  id: "record",
  named: "register.tab.record",
  fits: () => true,
  show: (thing, desk) => new RecordTab(thing, desk),
};
