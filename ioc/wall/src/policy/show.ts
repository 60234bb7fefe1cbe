/** The parts of the policy as tables for people. */

import { button, nothing, section, table } from "../desk/parts";
import { type Child, el } from "../dom";
import { duration } from "../format";
import { locale, t, word } from "../i18n/language";
import { unitName } from "../tickets/units";
import type { Clock, Policy, Route, Version } from "./document";

type Edit = ((index: number) => void) | null;

const names = (group: string, codes: readonly string[], all: string) =>
  codes.length === 0 ? all : codes.map((code) => word(group, code)).join("; ");
const categories = (codes: readonly string[]) => names("category", codes, t("policy.allcategories"));
const severities = (codes: readonly string[]) => names("severity", codes, t("policy.allseverities"));

/** "15 phút", "2 giờ"; of a negative or missing one what it means. */
export function minutes(value: number | null): string {
  return value === null ? t("policy.never") : duration(value * 60_000);
}

export function whomText(whom: readonly string[]): string {
  return whom.map((one) => word("whom", one)).join(", ");
}

export function day(iso: string): string {
  const at = Date.parse(`${iso}T12:00:00Z`);
  if (Number.isNaN(at)) return iso;
  return new Intl.DateTimeFormat(locale(), {
    weekday: "short",
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
    timeZone: "UTC",
  }).format(at);
}

function unitOfRoute(code: string): string {
  return code === "centre" ? t("policy.centre") : unitName(code);
}

const editing = (edit: Edit, index: number): Child =>
  edit && button(t("desk.edit"), () => edit(index), { testid: `edit-${index}` });

/** Ways down a long page. */
export function jumps(): HTMLElement {
  const parts = ["trial", "clocks", "routes", "needs", "plans", "calendar", "units", "versions"] as const;
  return el(
    "nav",
    { class: "jumps", attributes: { "aria-label": t("policy.title") } },
    ...parts.map((one) => el("a", { attributes: { href: `#${one}` } }, t(`policy.${one}`))),
  );
}

export function units(policy: Policy): HTMLElement {
  return section(
    t("policy.units"),
    "units",
    el("p", { class: "dim" }, t("policy.units.what")),
    table(
      [t("policy.unit"), t("policy.code"), t("policy.up")],
      policy.units.map((one) => [
        unitName(one.code),
        el("code", {}, one.code),
        one.up === "" ? t("policy.top") : unitName(one.up),
      ]),
    ),
  );
}

export function needs(policy: Policy, edit: Edit): HTMLElement {
  return section(
    t("policy.needs"),
    "needs",
    el("p", { class: "dim" }, t("policy.needs.what")),
    policy.needs.length === 0
      ? nothing(t("policy.needs.none"))
      : table(
          [t("policy.categories"), t("policy.least"), ""],
          policy.needs.map((one, index) => [
            categories(one.categories),
            word("severity", one.severity),
            editing(edit, index),
          ]),
        ),
  );
}

function when(route: Route): string {
  const parts = [
    route.areas.length > 0 ? t("policy.inareas", { areas: route.areas.join(", ") }) : "",
    route.fromDay !== "" ? t("policy.from", { day: day(route.fromDay) }) : "",
    route.toDay !== "" ? t("policy.before", { day: day(route.toDay) }) : "",
  ];
  return parts.filter(Boolean).join("; ");
}

export function routes(policy: Policy): HTMLElement {
  return section(
    t("policy.routes"),
    "routes",
    el("p", { class: "dim" }, t("policy.routes.what")),
    table(
      [
        "",
        t("policy.categories"),
        t("policy.severities"),
        t("policy.unit"),
        t("policy.along"),
        t("policy.why"),
      ],
      policy.routes.map((one, index) => [
        String(index + 1),
        el("span", {}, categories(one.categories), when(one) !== "" && el("small", {}, when(one))),
        severities(one.severities),
        el("span", {}, unitOfRoute(one.unit), one.task !== "" && el("small", {}, one.task)),
        el(
          "span",
          {},
          ...one.along.map((also) => el("span", {}, unitOfRoute(also.unit), el("small", {}, also.task))),
        ),
        one.why,
      ]),
    ),
  );
}

function remindText(clock: Clock): string {
  return [
    ...clock.remindMin.map((one) => t("policy.remind.before", { time: minutes(one) })),
    clock.nagMin === null ? "" : t("policy.remind.after", { time: minutes(clock.nagMin) }),
  ]
    .filter(Boolean)
    .join("; ");
}

export function clocks(policy: Policy, edit: Edit): HTMLElement {
  const yes = (value: boolean) => t(value ? "policy.yes" : "policy.no");
  return section(
    t("policy.clocks"),
    "clocks",
    el("p", { class: "dim" }, t("policy.clocks.what")),
    table(
      [
        t("policy.categories"),
        t("policy.severities"),
        t("policy.accept"),
        t("policy.done"),
        t("policy.hours"),
        t("policy.waitstops"),
        t("policy.verify"),
        t("policy.remind"),
        t("policy.plan"),
        "",
      ],
      policy.clocks.map((one, index) => [
        categories(one.categories),
        severities(one.severities),
        minutes(one.acceptMin),
        minutes(one.doneMin),
        word("policy.hours", one.hours),
        yes(one.waitStops),
        yes(one.verify),
        remindText(one),
        word("plan", one.plan),
        editing(edit, index),
      ]),
    ),
  );
}

function stageText(stage: string, after: number): string {
  const at = after === 0 ? "at" : after < 0 ? "before" : "after";
  return t(`policy.step.${at}`, { stage: word("stage", stage), time: minutes(Math.abs(after)) });
}

export function plans(policy: Policy): HTMLElement {
  return section(
    t("policy.plans"),
    "plans",
    el("p", { class: "dim" }, t("policy.plans.what")),
    ...policy.plans.flatMap((plan) => [
      el("h3", {}, word("plan", plan.code)),
      table(
        [t("policy.when"), t("policy.do"), t("policy.whom")],
        plan.steps.map((step) => [
          stageText(step.stage, step.afterMin),
          word("do", step.act),
          whomText(step.whom),
        ]),
      ),
    ]),
  );
}

export function calendar(policy: Policy, missing: readonly number[]): HTMLElement {
  return section(
    t("policy.calendar"),
    "calendar",
    ...policy.work.map((one) =>
      el(
        "p",
        {},
        `${one.days.map((weekday) => word("day", String(weekday))).join(", ")}: ${one.hours.map(([from, to]) => `${from}–${to}`).join(", ")}`,
      ),
    ),
    missing.length > 0 &&
      el(
        "p",
        { class: "bad", data: { testid: "missing-years" } },
        t("policy.missing", { years: missing.join(", ") }),
      ),
    table(
      [t("policy.year"), t("policy.off"), t("policy.worked"), t("policy.source")],
      policy.holidays.map((one) => [
        el("span", {}, String(one.year), !one.announced && el("small", {}, t("policy.unannounced"))),
        one.off.map(day).join("; "),
        one.worked.map(day).join("; "),
        one.source,
      ]),
    ),
  );
}

export function general(policy: Policy, edit: (() => void) | null): HTMLElement {
  return section(
    t("policy.general"),
    "general",
    el("p", {}, t("policy.bounces", { count: policy.bouncesUp })),
    el("p", {}, t(policy.cancelWhenOver ? "policy.cancels" : "policy.keeps")),
    edit && button(t("desk.edit"), edit, { testid: "edit-general" }),
  );
}

export function versions(list: readonly Version[], at: (ms: number | null) => string): HTMLElement {
  return section(
    t("policy.versions"),
    "versions",
    list.length === 0
      ? nothing(t("policy.noversions"))
      : table(
          [t("policy.version"), t("policy.at"), t("policy.who"), t("policy.reason")],
          list.map((one) => [
            String(one.version),
            at(one.at),
            one.shipped ? t("policy.shipped") : one.who,
            one.why,
          ]),
        ),
  );
}
