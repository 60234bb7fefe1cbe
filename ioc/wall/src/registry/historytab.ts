import { getJson } from "../api";
import { serverNow } from "../clock";
import { button } from "../desk/parts";
import { el, replace } from "../dom";
import { moment } from "../format";
import { t, word } from "../i18n/language";
import { isJson, type Json, number, text, time } from "../model";
import { whyNot } from "../people/send";
import type { Tab } from "./desk";
import { labelOf, shownOf } from "./fields";
import { pathOf } from "./server";
import type { Thing } from "./thing";

export interface Entry {
  at: number | null;
  version: number | null;
  by: string;
  act: string;
  reason: string;
  changes: Array<{ field: string; before: unknown; after: unknown }>;
}

/** The history of a record as the server tells it, newest first. */
export function readEntries(body: unknown): Entry[] {
  const list = isJson(body) && Array.isArray(body.entries) ? body.entries.filter(isJson) : [];
  const change = (one: Json) => ({ field: text(one.field), before: one.before, after: one.after });
  return list
    .map((one) => ({
      at: time(one.at),
      version: number(one.version),
      by: text(one.by),
      act: text(one.act),
      reason: text(one.reason),
      changes: Array.isArray(one.changes) ? one.changes.filter(isJson).map(change) : [],
    }))
    .sort((one, other) => (other.version ?? 0) - (one.version ?? 0) || (other.at ?? 0) - (one.at ?? 0));
}

/** What was done, in words: `camera.approve` is the same deed as `device.approve`. */
function actText(act: string): string {
  return word("register.act", act.split(".").at(-1) ?? act);
}

function rowOf(entry: Entry, now: number): HTMLElement {
  const changes = entry.changes.map(({ field, before, after }) =>
    el(
      "li",
      {},
      `${labelOf(field)}: `,
      el("del", {}, shownOf(field, before, now)),
      " → ",
      el("ins", {}, shownOf(field, after, now)),
    ),
  );
  return el(
    "li",
    { data: { act: entry.act } },
    el(
      "p",
      {},
      el("b", {}, actText(entry.act)),
      ` · ${entry.by || t("register.bysystem")} · ${entry.at === null ? "" : moment(entry.at, now)}`,
      entry.version !== null &&
        el("span", { class: "dim" }, ` · ${t("register.version", { version: entry.version })}`),
    ),
    entry.reason !== "" && el("p", { class: "dim" }, entry.reason),
    changes.length > 0 && el("ul", { class: "changes" }, ...changes),
  );
}

/** Every change of a record: who, when, why, and what was before. */
class History {
  readonly root = el("section", { class: "card", data: { testid: "history" } });
  private readonly list = el("ol", { class: "history" });
  private readonly foot = el("div", {}, el("p", { class: "note" }, t("desk.loading")));

  constructor(private readonly thing: Thing) {
    replace(this.root, this.list, this.foot);
    void this.load("");
  }

  private async load(query: string): Promise<void> {
    try {
      const body = await getJson(pathOf(this.thing.family, this.thing.code, `/history${query}`));
      const now = serverNow();
      this.list.append(...readEntries(body).map((entry) => rowOf(entry, now)));
      const next = isJson(body) ? number(body.next) : null;
      replace(
        this.foot,
        this.list.children.length === 0 && el("p", { class: "note" }, t("register.history.none")),
        next !== null && button(t("desk.more"), () => void this.load(`?before=${next}`)),
      );
    } catch (error) {
      replace(this.foot, el("p", { class: "note" }, whyNot(error)));
    }
  }
}

export const HISTORY: Tab = {
  id: "history",
  named: "register.tab.history",
  fits: () => true,
  show: (thing) => new History(thing),
};
