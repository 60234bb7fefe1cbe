/** Parts of the pages beside the wall: sections, tables that scroll, buttons, a sentence where there is nothing. */

import { type Child, el } from "../dom";

export function section(title: string, testid: string, ...children: Child[]): HTMLElement {
  return el(
    "section",
    { class: "block", attributes: { id: testid }, data: { testid } },
    el("h2", {}, title),
    ...children,
  );
}

/** A table whose columns are named; it scrolls by itself where the screen is narrow. */
export function table(heads: readonly Child[], rows: readonly (readonly Child[])[], label = ""): HTMLElement {
  return el(
    "div",
    {
      class: "scroll",
      attributes: { tabindex: "0", role: "group", ...(label ? { "aria-label": label } : {}) },
    },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { attributes: { scope: "col" } }, head)))),
      el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((cell) => el("td", {}, cell))))),
    ),
  );
}

export function button(
  words: Child,
  click: () => void,
  more: { testid?: string; kind?: string; pressed?: boolean } = {},
) {
  return el(
    "button",
    {
      class: more.kind ?? "quiet",
      attributes: {
        type: "button",
        ...(more.pressed === undefined ? {} : { "aria-pressed": String(more.pressed) }),
      },
      ...(more.testid ? { data: { testid: more.testid } } : {}),
      on: { click },
    },
    words,
  );
}

/** Where a page says how it stands, and what went wrong. */
export function noteLine(): HTMLElement {
  return el("p", { class: "note", attributes: { role: "status" }, data: { testid: "note" } });
}

/** What a page says while it has nothing to show: what to do. */
export function nothing(words: string): HTMLElement {
  return el("p", { class: "note nothing" }, words);
}
