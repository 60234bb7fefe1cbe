import { button, table } from "../desk/parts";
import { type Child, el, replace } from "../dom";
import { t, word } from "../i18n/language";
import { isJson, type Json, text } from "../model";
import { reason, sendJson } from "../people/send";
import { choose, labelled, Sheet, Told } from "../work/sheet";
import type { Desk } from "./desk";
import { FIELDS, type Field, labelOf, sentOf } from "./fields";
import { optionsOf } from "./form";
import { change, Overtaken, pathOf } from "./server";
import { reasonField, STEPS, type Step, stepsFrom } from "./steps";
import { type Family, readThing, type Thing } from "./thing";

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
/** So many steps are on their way at once. */
const AT_ONCE = 4;

/** What became of one of many. */
export interface Answer {
  code: string;
  ok: boolean;
  words: string;
  thing: Thing | null;
}

/** The answers to a common change, by code. */
export function readAnswers(family: Family, body: unknown): Answer[] {
  const of = isJson(body) ? body : {};
  const list = [of.results, of.answers, of[family]].find(Array.isArray) ?? [];
  return (list as unknown[]).filter(isJson).map((one) => {
    const record = readThing(family, isJson(one.record) ? one.record : one.current);
    const problem = isJson(one.problem) ? one.problem : one;
    const ok = one.ok === true || one.status === 200 || text(one.outcome) === "changed";
    return {
      code: text(one.code),
      ok,
      words: text(problem.detail) || text(problem.title) || text(one.message),
      thing: record,
    };
  });
}

/** Those of them that a step leads on from. */
export function fitFor(things: readonly Thing[], step: Step): Thing[] {
  return things.filter(({ lifecycle }) => stepsFrom(lifecycle).includes(step));
}

/** One change or step for many chosen things, with an answer for each. */
export class BulkBar {
  readonly root = el("div", { class: "bulk", data: { testid: "bulk" } });
  private readonly place = el("div", {});

  private readonly buttons = el("div", { class: "ends" });
  private family: Family = "devices";
  private things: readonly Thing[] = [];

  constructor(private readonly desk: Desk) {
    replace(this.root, this.buttons, this.place);
    this.root.hidden = true;
  }

  /** The chosen things as they are now; what is filled in or answered stays while the same ones are chosen. */
  choose(family: Family, things: readonly Thing[]): void {
    const codes = (of: readonly Thing[]) => of.map(({ code }) => code).join(" ");
    if (family !== this.family || codes(things) !== codes(this.things)) replace(this.place);
    this.family = family;
    this.things = things;
    this.root.hidden = things.length === 0;
    const steps = STEPS.filter((step) => fitFor(things, step).length > 0);
    replace(
      this.buttons,
      button(t("register.bulk.edit"), () => this.edit(), { testid: "bulk-edit" }),
      ...steps.map((step) =>
        button(`${t(`register.step.${step}`)} (${fitFor(things, step).length})`, () => this.step(step), {
          testid: `bulk-${step}`,
        }),
      ),
    );
  }

  private show(title: string, rows: Child[], work: () => Promise<void>): void {
    const sheet = new Sheet(title, rows, title, work, () => replace(this.place));
    replace(this.place, sheet.root);
    sheet.begin();
  }

  private edit(): void {
    const fields = COMMON.flatMap((name) => FIELDS.filter((field) => field.name === name));
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
      await this.send({ [field().name]: found.value });
    });
  }

  private async send(set: Json): Promise<void> {
    const codes = this.things.map(({ code, version }) => ({ code, expected_version: version }));
    const answers = readAnswers(
      this.family,
      await sendJson("PATCH", `/api/v1/${this.family}`, { codes, set }),
    );
    this.tell(answers);
  }

  private step(step: Step): void {
    const fitting = fitFor(this.things, step);
    const why = reasonField();
    const title = `${t(`register.step.${step}`)} (${fitting.length})`;
    this.show(title, [el("p", {}, t(`register.step.${step}.what`)), why.row], async () => {
      const waiting = [...fitting];
      const answers: Answer[] = [];
      const run = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift())
          answers.push(await stepOf(next, step, why.input.value));
      };
      await Promise.all(Array.from({ length: AT_ONCE }, run));
      this.tell(answers);
    });
  }

  private tell(answers: Answer[]): void {
    for (const { thing } of answers) if (thing) this.desk.take(thing);
    const good = answers.filter(({ ok }) => ok).length;
    const bad = answers.filter(({ ok }) => !ok);
    replace(
      this.place,
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

async function stepOf(thing: Thing, step: Step, why: string): Promise<Answer> {
  const { family, code, version } = thing;
  try {
    const body = { expected_version: version, reason: why };
    const after = await change(family, "POST", pathOf(family, code, `/${step}`), body);
    return { code, ok: true, words: word("lifecycle", after.lifecycle), thing: after };
  } catch (error) {
    const words =
      error instanceof Overtaken
        ? t("register.overtaken", { who: error.current.updatedBy, version: error.current.version })
        : reason(error);
    return { code, ok: false, words, thing: null };
  }
}
