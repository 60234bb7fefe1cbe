import { el, replace } from "../dom";
import { t } from "../i18n/language";
import { labelled, Sheet, Told } from "../work/sheet";
import type { Desk } from "./desk";
import { labelOf } from "./fields";
import { change, Overtaken, pathOf } from "./server";
import type { Thing } from "./thing";

export const STEPS = ["approve", "activate", "suspend", "resume", "retire"] as const;
export type Step = (typeof STEPS)[number];

/** The steps that lead on from where a thing is, as far as this page knows them. */
export function stepsOf(thing: Thing): Step[] {
  return STEPS.filter((step) => thing.steps.includes(step));
}

/** Steps towards being in use. */
const ONWARD = new Set<Step>(["approve", "activate", "resume"]);

/** What the law misses, in words; empty where it misses nothing. */
export function missingText(thing: Thing): string {
  const named = (names: readonly string[]) => names.map(labelOf).join(", ");
  if (thing.blocking.length > 0) return t("register.law.blocks", { fields: named(thing.blocking) });
  return thing.unlawful.length === 0 ? "" : t("register.law.misses", { fields: named(thing.unlawful) });
}

export function reasonField() {
  return labelled(
    t("register.reason"),
    el("input", { attributes: { name: "reason", required: "", minlength: "3", maxlength: "500" } }),
  );
}

/** The steps of the life cycle as buttons; each asks why. What the law misses is said above them, before one is tried. */
export function stepBar(thing: Thing, desk: Desk): HTMLElement {
  const place = el("div", {});
  const buttons = stepsOf(thing).map((step) =>
    el(
      "button",
      {
        class: ONWARD.has(step) ? "primary" : "quiet",
        attributes: { type: "button" },
        data: { testid: `step-${step}` },
        on: { click: () => ask(step) },
      },
      t(`register.step.${step}`),
    ),
  );
  const ask = (step: Step) => {
    const why = reasonField();
    const sheet = new Sheet(
      t(`register.step.${step}`),
      [el("p", {}, t(`register.step.${step}.what`)), why.row],
      t(`register.step.${step}`),
      async () => {
        try {
          const body = { expected_version: thing.version, reason: why.input.value };
          desk.take(await change(thing.family, "POST", pathOf(thing.family, thing.code, `/${step}`), body));
          desk.say(t("register.step.done", { name: thing.name }));
        } catch (error) {
          if (!(error instanceof Overtaken)) throw error;
          desk.take(error.current);
          const { updatedBy, version } = error.current;
          throw new Told(t("register.overtaken", { who: updatedBy, version }));
        }
      },
      () => replace(place),
    );
    replace(place, sheet.root);
    sheet.begin();
  };
  const misses = missingText(thing);
  return el(
    "section",
    { class: "card", attributes: { "aria-label": t("register.life") }, data: { testid: "life" } },
    misses !== "" && el("p", { class: "warn", data: { testid: "misses" } }, misses),
    desk.keeps && el("div", { class: "ends" }, ...buttons),
    place,
  );
}
