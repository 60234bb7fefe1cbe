/** The list: the first picture, so it needs nothing but titles and due times. */

import { el } from "../dom";
import type { Desk } from "./desk";
import { dueWords } from "./when";
import type { Entry } from "./wire";
import { language, t, word } from "./words";

export function titleOf(entry: { title: string; title_en: string }): string {
  return language() === "en" && entry.title_en !== "" ? entry.title_en : entry.title;
}

function row(entry: Entry, desk: Desk): HTMLElement {
  const state = desk.state(entry);
  const due = dueWords({ ...entry, state }, desk.net.now());
  const own = entry.owner !== "" && entry.owner === desk.me?.user;
  const waiting = desk.of(entry.id);
  const stuck = waiting.some((one) => one.state !== "waiting");
  return el(
    "li",
    {},
    el(
      "a",
      {
        class: `ticket s-${entry.severity}`,
        attributes: { href: `#t/${entry.id}` },
        data: { ticket: entry.id, state },
      },
      el(
        "span",
        { class: "top" },
        el("b", { class: "sev" }, word("severity", entry.severity)),
        el("span", { class: due.late ? "due late" : "due" }, due.text),
      ),
      el("span", { class: "title" }, titleOf(entry)),
      el(
        "span",
        { class: "dim" },
        [`#${entry.number}`, word("state", state), entry.area_name].filter((part) => part !== "").join(" · "),
        own && el("b", { class: "mark" }, t("mark")),
      ),
      waiting.length > 0 &&
        el(
          "span",
          { class: stuck ? "flag bad" : "flag" },
          stuck
            ? t("conflicts", { n: waiting.filter((one) => one.state !== "waiting").length })
            : t("unsent", { n: waiting.length }),
        ),
    ),
  );
}

let onlyMine = false;

function choice(text: string, on: boolean, pick: () => void): HTMLElement {
  return el(
    "button",
    { attributes: { type: "button", "aria-pressed": String(on) }, on: { click: pick } },
    text,
  );
}

export function listView(desk: Desk): HTMLElement {
  const all = desk.entries();
  const own = all.filter((entry) => entry.owner !== "" && entry.owner === desk.me?.user);
  const shown = onlyMine ? own : all;
  const turn = (to: boolean) => () => {
    onlyMine = to;
    desk.onchange();
  };
  const more = (desk.inbox?.total ?? 0) - all.length;
  // Steps of tickets that are not in the list any more must be found, too.
  const listed = new Set(all.map((entry) => entry.id));
  const strays = [...new Map(desk.queue().map((one) => [one.ticket, one])).values()].filter(
    (one) => !listed.has(one.ticket),
  );
  return el(
    "div",
    {},
    el(
      "div",
      { class: "row chips" },
      choice(t("all", { n: desk.inbox?.total ?? 0 }), !onlyMine, turn(false)),
      choice(t("mine", { n: own.length }), onlyMine, turn(true)),
    ),
    strays.length > 0 &&
      el(
        "ul",
        { class: "tickets" },
        ...strays.map((one) =>
          el(
            "li",
            {},
            el(
              "a",
              { class: "ticket", attributes: { href: `#t/${one.ticket}` }, data: { ticket: one.ticket } },
              el("span", { class: "title" }, one.title),
              el("span", { class: "flag bad" }, t("unsent", { n: desk.of(one.ticket).length })),
            ),
          ),
        ),
      ),
    el("ul", { class: "tickets", data: { testid: "tickets" } }, ...shown.map((entry) => row(entry, desk))),
    desk.inbox === null && el("p", { class: "dim pad" }, t("loading")),
    desk.inbox !== null && shown.length === 0 && el("p", { class: "dim pad" }, t("empty")),
    more > 0 && el("p", { class: "dim pad" }, t("more", { n: more })),
  );
}
