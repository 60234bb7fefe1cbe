import type { Session } from "../api";
import { el, replace } from "../dom";
import { t } from "../i18n/language";
import { languageButton } from "../languagebutton";
import { Bell } from "./bell";
import { pageMenu, shutMenus } from "./menu";

/** The head of a page beside the wall: its title, the ways out, the bell, the other language. */
export class PageHead {
  readonly root = el("header", { class: "pagehead" });
  private readonly bell = new Bell();

  constructor(private readonly session: Session) {
    this.bell.start();
    shutMenus();
  }

  draw(title: string): void {
    document.title = `${title} — ${t("app.short")}`;
    this.bell.render();
    replace(
      this.root,
      el("h1", {}, title),
      el("a", { class: "quiet", attributes: { href: "/" } }, t("quality.wall")),
      pageMenu(this.session.sees),
      this.bell.root,
      languageButton(),
    );
  }
}
