import type { Session } from "../api";
import { el, replace } from "../dom";
import { language, t } from "../i18n/language";
import { type Json, text } from "../model";
import { choose, labelled, tick } from "../work/sheet";
import { type Field, type Filled, fieldsOf, filled, GROUPS, labelOf, shownOf, typedOf } from "./fields";
import type { Family } from "./thing";

type Input = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** What a member may be chosen from, by its name; the code and the words for it. */
export function optionsOf(field: Field, session: Session): Array<readonly [string, string]> {
  if (field.name === "centre") {
    const name = (one: Json) => text(language() === "vi" ? one.name : one.name_en, text(one.code));
    return session.centres.map((one) => [text(one.code), name(one)]);
  }
  return (field.options ?? []).map((one) => [
    one,
    one === "" ? t("register.none.chosen") : shownOf(field.name, one),
  ]);
}

function rowOf(field: Field, value: string, session: Session): { input: Input; row: HTMLElement } {
  const name = field.name;
  const label = labelOf(name);
  if (field.kind === "choice") {
    const options = optionsOf(field, session);
    const known = options.some(([code]) => code === value);
    const all: Array<readonly [string, string]> = known
      ? options
      : [[value, value === "" ? t("register.bysystem") : value], ...options];
    return choose(label, name, all, value);
  }
  if (field.kind === "tick") return tick(label, { name, value: "yes" }, value !== "");
  if (field.kind === "lines") {
    const area = el("textarea", { attributes: { name, rows: "3", maxlength: String(field.most ?? 2_000) } });
    area.value = value;
    return labelled(label, area);
  }
  const type = field.kind === "day" ? { type: "date" } : { type: "text" };
  const input = el("input", {
    attributes: {
      name,
      ...type,
      autocomplete: "off",
      maxlength: String(field.most ?? 300),
      ...(field.kind === "figure" ? { inputmode: "decimal" } : {}),
      ...(name === "kind" ? { list: "kinds" } : {}),
    },
  });
  input.value = value;
  const hint = field.kind === "tags" ? t("register.tags.hint") : "";
  return labelled(label, input, hint);
}

/** Fields of a record, in their groups; what is wrong in one is said below it. */
export class RecordFields {
  readonly groups: HTMLElement[];
  private readonly inputs = new Map<string, Input>();
  private readonly fields: Field[];

  constructor(
    family: Family,
    private readonly raw: Json | null,
    session: Session,
    wanted: (field: Field) => boolean = () => true,
  ) {
    this.fields = GROUPS.flatMap((group) => fieldsOf(family, group)).filter(wanted);
    this.groups = GROUPS.map((group) => {
      const rows = this.fields
        .filter((field) => field.group === group)
        .map((field) => {
          const { input, row } = rowOf(field, raw ? typedOf(field, raw) : "", session);
          this.inputs.set(field.name, input);
          if (field.kind === "lines") row.classList.add("wide");
          row.append(el("p", { class: "message", data: { fault: field.name } }));
          return row;
        });
      return el(
        "fieldset",
        { data: { group } },
        el("legend", {}, t(`register.group.${group}`)),
        el("div", { class: "fields" }, ...rows),
      );
    }).filter((group) => group.querySelector(".fields")?.children.length);
  }

  group(name: string): HTMLElement | undefined {
    return this.groups.find(({ dataset }) => dataset.group === name);
  }

  input(name: string): Input | undefined {
    return this.inputs.get(name);
  }

  /** What is not as it was; what is wrong is said beside its field. */
  read(): Filled {
    const typed = new Map<string, string>();
    for (const [name, input] of this.inputs) {
      const isTick = input instanceof HTMLInputElement && input.type === "checkbox";
      typed.set(name, isTick ? (input.checked ? "yes" : "") : input.value);
    }
    const found = filled(this.fields, this.raw, typed);
    for (const group of this.groups)
      for (const place of group.querySelectorAll<HTMLElement>("[data-fault]")) {
        const fault = found.faults.get(place.dataset.fault ?? "");
        replace(place, fault ? t(fault) : "");
        this.inputs.get(place.dataset.fault ?? "")?.toggleAttribute("aria-invalid", fault !== undefined);
      }
    return found;
  }
}
