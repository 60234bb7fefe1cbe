import { el } from "../dom";
import { t, word } from "../i18n/language";
import { type Json, SEVERITIES } from "../model";
import { choose, labelled, lines, Sheet, Told, tick } from "../work/sheet";
import { minutesOf, type Policy, parsed, textOf, withEntry } from "./document";

/** Saves a document with the reason that was given; refused ones throw with the server's sentence. */
export type Save = (document: Json, why: string) => Promise<void>;

const figure = (label: string, name: string, value: number | null, hint = "") =>
  labelled(
    label,
    el("input", {
      attributes: { name, value: value === null ? "" : String(value), inputmode: "numeric", maxlength: "6" },
    }),
    hint,
  );

const reasonRow = () => lines(t("policy.reason.must"), "why", true);

function typed(input: HTMLInputElement): number | null {
  const value = minutesOf(input.value);
  if (value === undefined) throw new Told(t("policy.badnumber", { typed: input.value }));
  return value;
}

export function clockForm(
  document: Json,
  policy: Policy,
  index: number,
  save: Save,
  cancel: () => void,
): Sheet {
  const clock = policy.clocks[index];
  const accept = figure(t("policy.accept.min"), "accept_min", clock?.acceptMin ?? null, t("policy.empty"));
  const done = figure(t("policy.done.min"), "done_min", clock?.doneMin ?? null, t("policy.empty"));
  const nag = figure(t("policy.nag.min"), "nag_min", clock?.nagMin ?? null, t("policy.empty"));
  const remind = labelled(
    t("policy.remind.min"),
    el("input", {
      attributes: { name: "remind_min", value: (clock?.remindMin ?? []).join(", "), maxlength: "60" },
    }),
    t("policy.remind.hint"),
  );
  const hours = choose(
    t("policy.hours"),
    "hours",
    [
      ["always", t("policy.hours.always")],
      ["office", t("policy.hours.office")],
    ],
    clock?.hours,
  );
  const plan = choose(
    t("policy.plan"),
    "plan",
    policy.plans.map((one) => [one.code, word("plan", one.code)] as const),
    clock?.plan,
  );
  const waits = tick(t("policy.waitstops"), { name: "wait_stops" }, clock?.waitStops);
  const verify = tick(t("policy.verify"), { name: "verify" }, clock?.verify);
  const why = reasonRow();
  return new Sheet(
    t("policy.clock.edit"),
    [
      el("div", { class: "fields" }, accept.row, done.row, remind.row, nag.row, hours.row, plan.row),
      waits.row,
      verify.row,
      why.row,
    ],
    t("desk.save"),
    async () => {
      const before = remind.input.value
        .split(/[\s,;]+/)
        .filter(Boolean)
        .map((one) => {
          const value = minutesOf(one);
          if (value === undefined || value === null) throw new Told(t("policy.badnumber", { typed: one }));
          return value;
        });
      const change: Json = {
        accept_min: typed(accept.input),
        done_min: typed(done.input),
        nag_min: typed(nag.input),
        remind_min: before,
        hours: hours.input.value,
        plan: plan.input.value,
        wait_stops: waits.input.checked,
        verify: verify.input.checked,
      };
      await save(withEntry(document, "clocks", index, change), why.input.value);
    },
    cancel,
  );
}

export function needForm(
  document: Json,
  policy: Policy,
  index: number,
  save: Save,
  cancel: () => void,
): Sheet {
  const severity = choose(
    t("policy.least"),
    "severity",
    [...SEVERITIES].reverse().map((one) => [one, t(`severity.${one}`)] as const),
    policy.needs[index]?.severity,
  );
  const why = reasonRow();
  return new Sheet(
    t("policy.need.edit"),
    [severity.row, why.row],
    t("desk.save"),
    () => save(withEntry(document, "needs", index, { severity: severity.input.value }), why.input.value),
    cancel,
  );
}

export function generalForm(document: Json, policy: Policy, save: Save, cancel: () => void): Sheet {
  const bounces = figure(t("policy.bounces.max"), "bounces_up", policy.bouncesUp);
  const over = tick(t("policy.cancels"), { name: "cancel_when_over" }, policy.cancelWhenOver);
  const why = reasonRow();
  return new Sheet(
    t("policy.general"),
    [bounces.row, over.row, why.row],
    t("desk.save"),
    async () => {
      const change = { bounces_up: typed(bounces.input) ?? 0, cancel_when_over: over.input.checked };
      await save({ ...document, ...change }, why.input.value);
    },
    cancel,
  );
}

/** The whole document as text, for what has no form. What the server refuses stays as it was typed. */
export function wholeForm(document: Json, save: Save, cancel: () => void): Sheet {
  const area = lines(t("policy.whole"), "document", true, t("policy.whole.hint"), 1_000_000);
  area.input.classList.add("code");
  area.input.spellcheck = false;
  area.input.value = textOf(document);
  const why = reasonRow();
  return new Sheet(
    t("policy.whole.edit"),
    [area.row, why.row],
    t("desk.save"),
    async () => {
      const found = parsed(area.input.value);
      if (found === null) throw new Told(t("rules.badjson"));
      await save({ ...found, version: document.version }, why.input.value);
    },
    cancel,
  );
}
