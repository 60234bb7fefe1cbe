import type { Session } from "../api";
import { type Child, el, replace } from "../dom";
import { t } from "../i18n/language";
import { languageButton } from "../languagebutton";
import { pageBell } from "./bell";
import { pageMenu } from "./menu";

/** The ways out of every page beside the wall: to the wall, to the other pages, what the reader was told, the language. */
export function waysOut(sees: readonly string[]): HTMLElement {
  const wall = el("a", { class: "quiet", attributes: { href: "/" } }, t("menu.wall"));
  return el("div", { class: "waysout" }, wall, pageMenu(sees), pageBell(), languageButton());
}

export function setTitle(title: string): void {
  document.title = `${title} — ${t("app.short")}`;
}

/** The head of a page beside the wall: its title and the ways out. */
export class PageHead {
  readonly root = el("header", { class: "pagehead" });

  constructor(private readonly session: Pick<Session, "sees">) {}

  draw(title: string, ...more: Child[]): void {
    setTitle(title);
    replace(this.root, el("h1", {}, title), ...more, waysOut(this.session.sees));
  }
}
