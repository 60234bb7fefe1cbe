/** One ticket: what happened, where, who, its log; and at the bottom, under the thumb, what can be done. */

import { el } from "../dom";
import { lineView, waitingView } from "./conflictview";
import type { Desk } from "./desk";
import { titleOf } from "./listview";
import { mapView } from "./mapview";
import { offered, type Step } from "./steps";
import { clock, dueWords } from "./when";
import type { Entry } from "./wire";
import { language, t, word } from "./words";

const UNDER_THE_THUMB = 2;

function facts(entry: Entry, desk: Desk): HTMLElement {
  const now = desk.net.now();
  const state = desk.state(entry);
  const due = dueWords({ ...entry, state }, now);
  const detail = desk.detail(entry.id);
  return el(
    "section",
    { class: `card s-${entry.severity}` },
    el(
      "p",
      { class: "top" },
      el("b", { class: "sev" }, word("severity", entry.severity)),
      el("span", { class: due.late ? "due late" : "due" }, due.text),
    ),
    el("p", { data: { testid: "state" } }, `#${entry.number} · ${word("state", state)}`),
    entry.due_at !== null &&
      el("p", { class: "dim" }, t("due", { time: clock(Date.parse(entry.due_at), now) })),
    entry.task !== "" && el("h2", {}, t("whathead")),
    entry.task !== "" && el("p", {}, entry.task),
    detail?.incident && el("p", {}, t("incident", { title: titleOf(detail.incident) })),
    detail && detail.result !== "" && el("p", {}, t("result", { text: detail.result })),
    detail && detail.waiting_why !== "" && el("p", {}, t("waitingfor", { text: detail.waiting_why })),
    el("h2", {}, t("whohead")),
    el(
      "p",
      {},
      [
        detail ? (language() === "en" ? detail.unit_name_en : detail.unit_name) : entry.unit,
        entry.owner || t("nobody"),
      ].join(" · "),
    ),
  );
}

/** The ticket; null where nothing is known of it. */
export function ticketView(id: string, desk: Desk): HTMLElement | null {
  const entry = desk.entry(id);
  const waiting = waitingView(id, desk);
  if (entry === null) {
    return waiting.length === 0 ? null : el("div", {}, el("p", { class: "pad" }, t("gone")), ...waiting);
  }
  const detail = desk.detail(id);
  const now = desk.net.now();
  return el(
    "article",
    { data: { ticket: id } },
    el("h1", { attributes: { tabindex: "-1", id: "ticket-title" } }, titleOf(entry)),
    ...waiting,
    facts(entry, desk),
    entry.at !== null &&
      el(
        "section",
        { class: "card" },
        el("h2", {}, t("wherehead")),
        el("p", {}, entry.area_name),
        mapView(desk.outline(entry.at), entry.at, () => desk.onchange()),
      ),
    el(
      "section",
      { class: "card" },
      el("h2", {}, t("loghead")),
      detail === null && el("p", { class: "dim" }, t("partial")),
      el(
        "ul",
        { class: "log" },
        ...[...(detail?.log ?? [])].reverse().map((line) => lineView(line, now, desk)),
      ),
    ),
  );
}

/** The buttons of a ticket: the likely steps large, the rest behind one more. */
export function thumbBar(
  id: string,
  desk: Desk,
  take: (step: Step, entry: Entry) => void,
): HTMLElement | null {
  const entry = desk.entry(id);
  const waiting = desk.of(id);
  if (entry === null || waiting.some((one) => one.state !== "waiting")) return null;
  const steps = offered(
    entry.state,
    desk.detail(id)?.steps ?? [],
    waiting.map((one) => one.step),
  );
  const button = (step: Step, primary: boolean) =>
    el(
      "button",
      { class: primary ? "primary" : "", data: { step }, on: { click: () => take(step, entry) } },
      word("step", step),
    );
  const rest = steps.slice(UNDER_THE_THUMB);
  return el(
    "nav",
    { class: "thumb", attributes: { "aria-label": t("steps") } },
    rest.length > 0 &&
      el(
        "details",
        {},
        el("summary", {}, t("other")),
        el("div", { class: "rest" }, ...rest.map((step) => button(step, false))),
      ),
    ...steps.slice(0, UNDER_THE_THUMB).map((step, at) => button(step, at === 0)),
  );
}
