import { button, table } from "../desk/parts";
import { type Child, el, replace } from "../dom";
import { t } from "../i18n/language";
import { isJson, type Json, number, text } from "../model";
import { sendJson } from "../people/send";
import { choose, labelled, Sheet, Told } from "../work/sheet";
import type { Desk } from "./desk";
import { type Field, fieldsOf, labelOf, sentOf } from "./fields";
import { optionsOf } from "./form";
import { LabelSheet, labelled as withLabel } from "./labelsheet";
import { reasonField, STEPS, type Step } from "./steps";
import type { Family, Thing } from "./thing";

/** Members that many things may have alike. */
const COMMON = [
  "tags",
  "contract",
  "warranty_until",
  "centre",
  "maker",
  "model",
  "firmware",
  "retention",
  "purpose",
];
/** What the server takes in one request. */
const MOST_AT_ONCE = 500;

/** What became of one of many. */
export interface Answer {
  code: string;
  ok: boolean;
  words: string;
}

/** The answers to a common change, one a code. */
export function readAnswers(body: unknown): Answer[] {
  const list = isJson(body) && Array.isArray(body.answers) ? body.answers.filter(isJson) : [];
  return list.map((one) => ({
    code: text(one.code),
    ok: number(one.status) === 200,
    words: text(one.title) || text(one.problem),
  }));
}

/** Those of them that a step leads on from. */
export function fitFor(things: readonly Thing[], step: Step): Thing[] {
  return things.filter(({ steps }) => steps.includes(step));
}

/** One change or step for many chosen things, with an answer for each. */
export class BulkBar {
  readonly root = el("div", { class: "bulk", data: { testid: "bulk" } });
  private readonly place = el("div", {});

  private readonly buttons = el("div", { class: "ends" });
  private family: Family = "devices";
  private things: readonly Thing[] = [];
  private labels: LabelSheet | null = null;

  constructor(private readonly desk: Desk) {
    replace(this.root, this.buttons, this.place);
    this.root.hidden = true;
  }

  /** The chosen things as they are now; what is filled in or answered stays while the same ones are chosen. */
  choose(family: Family, things: readonly Thing[]): void {
    const codes = (of: readonly Thing[]) => of.map(({ code }) => code).join(" ");
    const other = family !== this.family || codes(things) !== codes(this.things);
    // What was answered stays when the list has let the things go, which a step may well make it do.
    const answered = things.length === 0 && this.place.querySelector("[data-testid=bulk-answer]") !== null;
    if (other && !answered) this.put();
    this.family = family;
    this.things = things;
    this.root.hidden = things.length === 0 && !answered;
    this.buttons.hidden = things.length === 0;
    const printed = withLabel(things);
    const steps = STEPS.filter((step) => fitFor(things, step).length > 0);
    replace(
      this.buttons,
      button(t("register.bulk.edit"), () => this.edit(), { testid: "bulk-edit" }),
      printed.length > 0 &&
        button(t("label.sheet", { count: printed.length }), () => this.print(printed), {
          testid: "bulk-labels",
        }),
      ...steps.map((step) =>
        button(`${t(`register.step.${step}`)} (${fitFor(things, step).length})`, () => this.step(step), {
          testid: `bulk-${step}`,
        }),
      ),
    );
  }

  private show(title: string, rows: Child[], work: () => Promise<void>): void {
    const sheet = new Sheet(title, rows, title, work, () => this.put());
    this.put(sheet.root);
    sheet.begin();
  }

  /** What is below the buttons, in place of what was there. */
  private put(...children: Child[]): void {
    this.labels?.close();
    this.labels = null;
    replace(this.place, ...children);
  }

  private print(things: readonly Thing[]): void {
    const labels = new LabelSheet(things);
    this.put(labels.root);
    this.labels = labels;
  }

  private edit(): void {
    const all = fieldsOf(this.family);
    const fields = COMMON.flatMap((name) => all.filter((field) => field.name === name));
    const which = choose(
      t("register.bulk.member"),
      "member",
      fields.map(({ name }) => [name, labelOf(name)] as const),
      "tags",
    );
    const place = el("div", {});
    let read = () => "";
    const field = (): Field => fields.find(({ name }) => name === which.input.value) ?? (fields[0] as Field);
    const draw = () => {
      const chosen = field();
      const label = t("register.bulk.value");
      if (chosen.kind === "choice") {
        const one = choose(label, "value", optionsOf(chosen, this.desk.session));
        one.input.selectedIndex = 0;
        read = () => one.input.value;
        replace(place, one.row);
        return;
      }
      const input = el("input", {
        attributes: {
          name: "value",
          type: chosen.kind === "day" ? "date" : "text",
          maxlength: String(chosen.most ?? 300),
        },
      });
      read = () => input.value;
      replace(place, labelled(label, input, chosen.kind === "tags" ? t("register.tags.hint") : "").row);
    };
    which.input.addEventListener("change", draw);
    draw();
    this.show(t("register.bulk.edit"), [which.row, place], async () => {
      const found = sentOf(field(), read());
      if ("fault" in found) throw new Told(t(found.fault));
      await this.send(this.things, { set: { [field().name]: found.value } });
    });
  }

  /** All in one request as far as the server takes so many; each is done or refused by itself. */
  private async send(things: readonly Thing[], more: Json): Promise<void> {
    const answers: Answer[] = [];
    for (let at = 0; at < things.length; at += MOST_AT_ONCE) {
      const codes = things
        .slice(at, at + MOST_AT_ONCE)
        .map(({ code, version }) => ({ code, expected_version: version }));
      answers.push(...readAnswers(await sendJson("PATCH", `/api/v1/${this.family}`, { codes, ...more })));
    }
    this.tell(answers);
  }

  private step(step: Step): void {
    const fitting = fitFor(this.things, step);
    const why = reasonField();
    const title = `${t(`register.step.${step}`)} (${fitting.length})`;
    this.show(title, [el("p", {}, t(`register.step.${step}.what`)), why.row], () =>
      this.send(fitting, { step, reason: why.input.value }),
    );
  }

  private tell(answers: Answer[]): void {
    const good = answers.filter(({ ok }) => ok).length;
    const bad = answers.filter(({ ok }) => !ok);
    this.put(
      el(
        "section",
        { class: "card", data: { testid: "bulk-answer" }, attributes: { role: "status" } },
        el("p", {}, t("register.bulk.done", { good, bad: bad.length })),
        bad.length > 0 &&
          table(
            [t("register.field.code"), t("register.bulk.why")],
            bad.map(({ code, words }) => [el("code", {}, code), words]),
            t("register.bulk.why"),
          ),
      ),
    );
    this.desk.reload();
  }
}
