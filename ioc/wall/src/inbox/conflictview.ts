/** A step that waits or that needs the person: what was written, what happened meanwhile, and the ways on. */

import { el } from "../dom";
import type { Desk } from "./desk";
import type { Waiting } from "./queue";
import { clock } from "./when";
import type { Line } from "./wire";
import { t, word } from "./words";

/** A step that was sent at once says once when it was. */
const LATER_MS = 60_000;

export function newKey(): string {
  return crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}

/** The words of a line and whom or what it names: a unit's name, a severity, or as it was written. */
export function saidOf(line: Line, desk: Pick<Desk, "unitName">): string {
  if (line.what === "notified" || line.what === "reminded") {
    // A timer of the policy: what it was ("accept:khan/0"), and the roles that were told ("duty,unit").
    const roles = line.to.split(",").map((role) => word("whom", role));
    return [timerText(line), roles.join(", ")].filter((one) => one !== "").join(" → ");
  }
  const text = line.what === "bounced_up" ? desk.unitName(line.text) : timerText(line);
  const to = line.what === "severity" ? word("severity", line.to) : desk.unitName(line.to);
  return [text, to].filter((one) => one !== "").join(" → ");
}

/** What a person wrote, or what a timer was about; a reminder says all by its name. */
function timerText(line: Line): string {
  const stage = line.who === "system" ? /^(accept|due|resolved):/.exec(line.text)?.[1] : undefined;
  if (stage === undefined) return line.text;
  return line.what === "reminded" ? "" : word("stage", stage);
}

export function lineView(line: Line, now: number, desk: Desk): HTMLElement {
  const said = saidOf(line, desk);
  const seen = line.photos.map((src, at) =>
    el("a", { attributes: { href: src, target: "_blank", rel: "noopener" } }, String(at + 1)),
  );
  return el(
    "li",
    {},
    el("b", {}, word("what", line.what)),
    " ",
    el(
      "span",
      { class: "dim" },
      `${line.who === "system" ? t("system") : line.who} · ${clock(Date.parse(line.at), now)}`,
    ),
    said !== "" && el("p", {}, said),
    line.made_at !== null &&
      Date.parse(line.at) - Date.parse(line.made_at) > LATER_MS &&
      el("p", { class: "dim" }, t("phoned", { time: clock(Date.parse(line.made_at), now) })),
    seen.length > 0 && el("p", { class: "row" }, t("photosn", { n: seen.length }), ...seen),
  );
}

function written(one: Waiting, now: number): HTMLElement {
  const texts = Object.values(one.fields).filter((text) => text !== "");
  return el(
    "div",
    { class: "mine" },
    el("b", {}, word("step", one.step)),
    " ",
    el("span", { class: "dim" }, t("queuedat", { time: clock(Date.parse(one.made_at), now) })),
    ...texts.map((text) => el("p", {}, text)),
    one.photos.length > 0 && el("p", { class: "dim" }, t("nphotos", { n: one.photos.length })),
  );
}

function deciding(one: Waiting, desk: Desk): HTMLElement {
  const now = desk.net.now();
  const conflict = one.state === "conflict";
  const discard = () => {
    if (confirm(t("sure"))) void desk.discard(one);
  };
  const state = one.current?.state;
  return el(
    "section",
    {
      class: "card bad",
      attributes: { "aria-live": "polite" },
      data: { testid: "conflict", step: one.step },
    },
    el("h2", {}, t(conflict ? "conflict" : "refused")),
    el("p", {}, conflict && one.since.length > 0 ? t("conflictwhy") : one.why || t("notshown")),
    el("h3", {}, t("yours")),
    written(one, now),
    conflict && el("h3", {}, t("meanwhile")),
    one.since.length > 0 && el("ul", { class: "log" }, ...one.since.map((line) => lineView(line, now, desk))),
    state !== undefined && el("p", {}, t("nowstate", { state: word("state", state) })),
    el(
      "button",
      { class: "primary", data: { act: "resend" }, on: { click: () => void desk.resend(one, newKey()) } },
      t("resend"),
    ),
    one.step !== "comment" &&
      el(
        "button",
        {
          data: { act: "comment" },
          on: { click: () => void desk.comment(one, newKey(), word("step", one.step)) },
        },
        t("ascomment"),
      ),
    el("button", { data: { act: "discard" }, on: { click: discard } }, t("discard")),
  );
}

function underway(one: Waiting, behind: boolean, desk: Desk): HTMLElement {
  return el(
    "section",
    { class: "card", data: { testid: "queued", step: one.step } },
    written(one, desk.net.now()),
    el("p", { class: "flag" }, behind ? t("behind") : t("queued", { step: word("step", one.step) })),
    ...one.photos.map((photo, at) => {
      const part = desk.percent(photo);
      return el(
        "p",
        { class: "dim" },
        el("progress", { attributes: { max: "100", value: String(part), "aria-label": t("photo") } }),
        t("upload", { n: at + 1, part }),
      );
    }),
  );
}

/** Everything of a ticket that has not arrived, in the order in which it goes. */
export function waitingView(ticket: string, desk: Desk): HTMLElement[] {
  const waiting = desk.of(ticket);
  return waiting.map((one, at) =>
    one.state === "waiting"
      ? underway(
          one,
          waiting.slice(0, at).some((before) => before.state !== "waiting"),
          desk,
        )
      : deciding(one, desk),
  );
}
