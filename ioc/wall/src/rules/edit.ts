import { el } from "../dom";
import { t } from "../i18n/language";
import { type Json, number, SEVERITIES, type Severity, text } from "../model";
import { labelled, lines, Told } from "../work/sheet";
import { bodyOf, type Limits, limitsOf, type Rule, restOf } from "./rule";

/** A number with the comma or point of a form field. */
const typed = (value: number | null | undefined) => (value == null || value === 0 ? "" : String(value));
const line = (label: string, name: string, value: string, hint = "") =>
  labelled(label, el("input", { attributes: { name, value, maxlength: "500" } }), hint);
const figure = (label: string, name: string, value: string, hint = "") =>
  labelled(label, el("input", { attributes: { name, value, inputmode: "decimal", maxlength: "20" } }), hint);

/** A field for the limit of each severity; an empty one is none. */
export function limitFields(limits: Limits, name = "limit") {
  const fields = [...SEVERITIES]
    .reverse()
    .map((one) => [one, figure(t(`severity.${one}`), `${name}-${one}`, String(limits[one] ?? ""))] as const);
  const row = el(
    "fieldset",
    { class: "limits" },
    el("legend", {}, t("rules.limits")),
    ...fields.map(([, field]) => field.row),
  );
  const read = () =>
    Object.fromEntries(fields.map(([one, field]) => [one, field.input.value])) as Record<Severity, string>;
  return { row, read };
}

/** A rule as a form: what people change most has a field, the rest is JSON. */
export class RuleForm {
  private readonly limits;
  private readonly vi;
  private readonly en;
  private readonly source;
  private readonly margin;
  private readonly after;
  private readonly until;
  private readonly rest;
  readonly rows: HTMLElement[];

  constructor(rule: Rule) {
    const { body } = rule;
    const minutes = (value: unknown) => typed((number(value) ?? 0) / 60);
    this.limits = limitFields(limitsOf(body.levels));
    this.vi = line(t("deed.title.vi"), "title", text(body.title));
    this.en = line(t("deed.title.en"), "title_en", text(body.title_en));
    this.source = line(t("rules.source"), "source", text(body.source), t("rules.source.hint"));
    this.margin = figure(t("rules.margin"), "clear_margin", typed(number(body.clear_margin)));
    this.after = figure(t("rules.after"), "for", minutes(body.for_s));
    this.until = figure(t("rules.until"), "clear_for", minutes(body.clear_for_s));
    this.rest = lines(t("rules.rest"), "rest", false, t("rules.rest.hint"), 40_000);
    this.rest.input.rows = 8;
    this.rest.input.spellcheck = false;
    this.rest.input.classList.add("code");
    this.rest.input.value = JSON.stringify(restOf(body), null, 2);
    this.rows = [
      this.vi.row,
      this.en.row,
      this.source.row,
      this.limits.row,
      el("div", { class: "three" }, this.margin.row, this.after.row, this.until.row),
      el("details", {}, el("summary", {}, t("rules.more")), this.rest.row),
    ];
  }

  /** The rule as it is typed. Told where something cannot be read. */
  body(): Json {
    const found = bodyOf({
      title: this.vi.input.value,
      titleEn: this.en.input.value,
      source: this.source.input.value,
      limits: this.limits.read(),
      margin: this.margin.input.value,
      after: this.after.input.value,
      until: this.until.input.value,
      rest: this.rest.input.value,
    });
    if (found === "json") throw new Told(t("rules.badjson"));
    if (found === "number") throw new Told(t("rules.badnumber"));
    return found;
  }
}
