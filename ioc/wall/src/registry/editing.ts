import { button, table } from "../desk/parts";
import { el, replace } from "../dom";
import { t } from "../i18n/language";
import type { Json } from "../model";
import { labelled, Sheet, Told } from "../work/sheet";
import type { Desk, Shown } from "./desk";
import { labelOf, meanwhile, shownOf } from "./fields";
import { RecordFields } from "./form";
import { PositionField } from "./positionfield";
import { change, Overtaken, pathOf } from "./server";
import type { Thing } from "./thing";

/** The form of a record. What another person changed meanwhile is shown, and nothing is written over it unasked. */
export class Editing implements Shown {
  readonly root = el("div", { class: "editing" });
  private readonly fields: RecordFields;
  private readonly place: PositionField;
  private readonly why = labelled(
    t("register.reason.may"),
    el("input", { attributes: { name: "reason", maxlength: "500" } }),
  );
  private readonly conflict = el("div", {});
  private version: number;

  constructor(
    private readonly thing: Thing,
    private readonly desk: Desk,
    private readonly done: () => void,
  ) {
    this.version = thing.version;
    this.fields = new RecordFields(thing.family, thing.raw, desk.session);
    this.place = new PositionField(desk.ground, thing.position);
    const where = this.fields.group("where");
    where?.querySelector(".fields")?.before(this.place.root);
    const sheet = new Sheet(
      t("register.edit"),
      [...this.fields.groups, this.why.row, this.conflict],
      t("register.save"),
      () => this.send(),
      () => this.done(),
    );
    sheet.root.noValidate = true;
    replace(this.root, sheet.root);
  }

  close(): void {
    this.place.close();
  }

  private changed(): Json {
    const { set, faults } = this.fields.read();
    if (faults.size > 0) throw new Told(t("register.mend"));
    const place = this.place.value();
    return place === undefined ? set : { ...set, position: place };
  }

  private async send(): Promise<void> {
    const { family, code } = this.thing;
    const set = this.changed();
    if (Object.keys(set).length === 0) throw new Told(t("register.unchanged"));
    const why = this.why.input.value.trim();
    const body = { expected_version: this.version, ...(why ? { reason: why } : {}), ...set };
    try {
      const saved = await change(family, "PATCH", pathOf(family, code), body);
      this.close();
      this.desk.take(saved);
      this.desk.say(t("register.saved", { version: saved.version }));
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
      this.overtaken(error.current, set);
    }
  }

  private overtaken(current: Thing, mine: Json): void {
    const rows = meanwhile(this.thing.raw, current.raw, mine).map(({ field, before, now, mine: own }) => [
      labelOf(field),
      shownOf(field, before),
      shownOf(field, now),
      own === undefined ? t("register.untouched") : shownOf(field, own),
    ]);
    const heads = [t("register.member"), t("register.before"), t("register.theirs"), t("register.mine")];
    replace(
      this.conflict,
      el(
        "section",
        { class: "card", data: { testid: "overtaken" }, attributes: { role: "alert" } },
        el("h3", {}, t("register.overtaken", { who: current.updatedBy, version: current.version })),
        rows.length > 0 && table(heads, rows, t("register.meanwhile")),
        el(
          "div",
          { class: "ends" },
          button(t("register.keepmine"), () => this.insist(current), { testid: "keep-mine" }),
          button(t("register.taketheirs"), () => this.giveUp(current), { testid: "take-theirs" }),
        ),
      ),
    );
    this.conflict.scrollIntoView({ block: "nearest" });
  }

  /** What the reader changed goes over what is there now; all else stays as the other person left it. */
  private insist(current: Thing): void {
    this.version = current.version;
    replace(this.conflict);
    this.root.querySelector("form")?.requestSubmit();
  }

  private giveUp(current: Thing): void {
    this.close();
    this.desk.take(current);
  }
}
