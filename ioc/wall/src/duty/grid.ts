/** A unit's week: a row for each person and team, a column for each day, and the hours in which nobody is on duty. */

import { button, nothing } from "../desk/parts";
import { el } from "../dom";
import { dayMonth, hourMinute } from "../format";
import { t, word } from "../i18n/language";
import { type Duty, dayOf, daysAfter, gapsOf, instantOf, rowsOf, weekdayOf, within } from "./week";

/** "07:00–19:00"; midnight at the end of a day is 24:00. */
function hours(from: number, to: number, day: string): string {
  const ends = instantOf(`${daysAfter(day, 1)}T00:00`);
  return `${hourMinute(from)}–${to === ends ? "24:00" : hourMinute(to)}`;
}

export function nameOf(duty: Duty): string {
  return duty.login === "" ? t("duty.teamof", { name: duty.name || duty.team }) : duty.name || duty.login;
}

function span(duty: Duty, day: string, now: number, take: ((duty: Duty) => void) | null): HTMLElement | null {
  const cut = within(duty, day);
  if (!cut) return null;
  const on = duty.starts <= now && now < duty.until;
  return el(
    "span",
    { class: on ? "span on" : "span", data: { duty: duty.id } },
    el("span", {}, hours(cut.from, cut.to, day)),
    duty.note !== "" && el("small", {}, duty.note),
    take && button("×", () => take(duty), { kind: "quiet small", testid: "take-off" }),
  );
}

export function weekGrid(
  week: readonly string[],
  duties: readonly Duty[],
  now: number,
  take: ((duty: Duty) => void) | null,
): HTMLElement {
  if (duties.length === 0) return nothing(t(take ? "duty.empty" : "duty.emptyread"));
  const today = dayOf(now);
  const head = (day: string) =>
    el(
      "th",
      { class: day === today ? "today" : "", attributes: { scope: "col" } },
      `${word("day", String(weekdayOf(day)))} ${dayMonth(instantOf(`${day}T12:00`) ?? 0)}`,
    );
  const rows = rowsOf(duties).map((row) =>
    el(
      "tr",
      { data: { row: row.key } },
      el("th", { attributes: { scope: "row" } }, nameOf(row.first)),
      ...week.map((day) =>
        el(
          "td",
          { class: day === today ? "today" : "" },
          ...row.duties.map((one) => span(one, day, now, take)),
        ),
      ),
    ),
  );
  const gaps = el(
    "tr",
    { class: "gaps" },
    el("th", { attributes: { scope: "row" } }, t("duty.nobody")),
    ...week.map((day) =>
      el(
        "td",
        {},
        ...gapsOf(duties, day).map((gap) => el("span", { class: "span" }, hours(gap.from, gap.to, day))),
      ),
    ),
  );
  return el(
    "div",
    { class: "scroll", attributes: { tabindex: "0", role: "group", "aria-label": t("duty.week") } },
    el(
      "table",
      { class: "week" },
      el(
        "thead",
        {},
        el("tr", {}, el("th", { attributes: { scope: "col" } }, t("duty.who")), ...week.map(head)),
      ),
      el("tbody", {}, ...rows, gaps),
    ),
  );
}
