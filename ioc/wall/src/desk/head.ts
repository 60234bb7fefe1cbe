import type { Session } from "../api";
import { el, replace } from "../dom";
import { t } from "../i18n/language";
import { languageButton } from "../languagebutton";
import { pageBell } from "./bell";
import { pageMenu, shutMenus } from "./menu";

/** The head of a page beside the wall: its title, the ways out, the bell, the other language. */
export class PageHead {
  readonly root = el("header", { class: "pagehead" });

  constructor(private readonly session: Session) {
    shutMenus();
  }

  draw(title: string): void {
    document.title = `${title} — ${t("app.short")}`;
    replace(
      this.root,
      el("h1", {}, title),
      el("a", { class: "quiet", attributes: { href: "/" } }, t("quality.wall")),
      pageMenu(this.session.sees),
      pageBell(),
      languageButton(),
    );
  }
}
