import { el, replace } from "../dom";
import { fold } from "../find/fold";
import { t } from "../i18n/language";
import { labelled, Sheet, Told } from "../work/sheet";
import type { Desk, Shown } from "./desk";
import { RecordFields } from "./form";
import { PositionField } from "./positionfield";
import { change } from "./server";
import type { Family, Thing } from "./thing";

const CODE = "[a-z0-9][a-z0-9\\-]{1,62}";

/** A code out of a name: its letters without marks, with hyphens between the words. */
export function codeOf(name: string): string {
  return fold(name).replaceAll(" ", "-").slice(0, 63);
}

/** A new draft: what is known at the pole; the rest is filled in later. */
export class Drafting implements Shown {
  readonly root = el("div", { class: "record", data: { testid: "drafting" } });
  private readonly code = el("input", {
    attributes: {
      name: "code",
      required: "",
      pattern: CODE,
      maxlength: "63",
      autocapitalize: "none",
      autocomplete: "off",
    },
  });
  private readonly place: PositionField;
  private readonly fields: RecordFields;

  constructor(
    private readonly family: Family,
    private readonly desk: Desk,
    private readonly cancel: () => void,
    /** What is known already, by the names of its fields. */
    known: Readonly<Record<string, string>> = {},
    private readonly done: (made: Thing) => void = (made) => desk.open(made.family, made.code),
  ) {
    const asked = (name: string) => name in known;
    this.fields = new RecordFields(
      family,
      null,
      desk.session,
      ({ first, name }) => first === true || asked(name),
    );
    this.place = new PositionField(desk.ground, null);
    const name = this.fields.input("name");
    for (const must of [name, this.fields.input("profile")]) if (must) must.required = true;
    const scene = this.fields.input("scene");
    if (scene) scene.value = "street";
    this.code.spellcheck = false;
    this.code.value = known.code ?? "";
    for (const [field, value] of Object.entries(known)) {
      const input = this.fields.input(field);
      if (input) input.value = value;
    }
    let own = this.code.value !== "";
    this.code.addEventListener("input", () => {
      own = this.code.value !== "";
    });
    name?.addEventListener("input", () => {
      if (!own) this.code.value = codeOf(name.value);
    });
    const code = labelled(t("register.field.code"), this.code, t("register.code.hint"));
    this.fields.group("what")?.querySelector(".fields")?.children[0]?.after(code.row);
    const where = el("fieldset", {}, el("legend", {}, t("register.group.where")), this.place.root);
    const [what, ...others] = this.fields.groups;
    const sheet = new Sheet(
      t(`register.new.${family}`),
      [el("p", { class: "dim" }, t("register.draft.what")), what, where, ...others],
      t("register.draft.make"),
      () => this.send(),
      () => this.cancel(),
    );
    replace(this.root, sheet.root);
  }

  close(): void {
    this.place.close();
  }

  private async send(): Promise<void> {
    const { set, faults } = this.fields.read();
    if (faults.size > 0) throw new Told(t("register.mend"));
    const place = this.place.value();
    if (place === undefined) throw new Told(t("register.position.needed"));
    const body = { code: this.code.value.trim(), ...set, position: place };
    const made = await change(this.family, "POST", `/api/v1/${this.family}`, body);
    this.close();
    this.desk.take(made);
    this.done(made);
  }
}
