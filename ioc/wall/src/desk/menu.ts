import { el, replace } from "../dom";
import { type Key, t } from "../i18n/language";
import { themeChoices } from "../themebutton";

interface Page {
  href: string;
  key: Key;
  /** The kind of thing that a reader has to be allowed to see; empty: everybody. */
  sees: string;
}

const PAGES: readonly Page[] = [
  { href: "/charts", key: "menu.charts", sees: "reading" },
  { href: "/cameras", key: "menu.cameras", sees: "camera" },
  { href: "/registry", key: "menu.registry", sees: "device" },
  { href: "/rules", key: "menu.rules", sees: "rule" },
  { href: "/quality", key: "menu.quality", sees: "alarm" },
  { href: "/policy", key: "menu.policy", sees: "ticket" },
  { href: "/duty", key: "menu.duty", sees: "duty" },
  { href: "/messages", key: "menu.messages", sees: "message" },
  { href: "/figures", key: "menu.figures", sees: "ticket" },
  { href: "/inbox", key: "menu.inbox", sees: "ticket" },
  { href: "/people", key: "menu.people", sees: "account" },
  { href: "/audit", key: "menu.audit", sees: "audit" },
  { href: "/account", key: "menu.account", sees: "" },
];

/** The pages that a reader may open, in the order of the menu. */
export function pagesFor(sees: readonly string[]): Page[] {
  return PAGES.filter((page) => page.sees === "" || sees.includes(page.sees));
}

/**
 * The ways to the other pages, folded away; shut by Esc, by a click elsewhere, and by following one.
 *
 * @param beside the pages that have a link of their own beside it
 */
export function pageMenu(sees: readonly string[], beside: readonly string[] = []): HTMLElement {
  shutMenus();
  const menu = el("details", { class: "menu", data: { testid: "menu" } });
  const shut = () => {
    menu.open = false;
  };
  replace(
    menu,
    el("summary", { class: "quiet" }, t("menu.label")),
    el(
      "ul",
      {},
      ...pagesFor(sees).map((page) => {
        if (beside.includes(page.href)) return null;
        const here: Record<string, string> =
          location.pathname === page.href ? { "aria-current": "page" } : {};
        return el("li", {}, el("a", { attributes: { href: page.href, ...here } }, t(page.key)));
      }),
      el("li", {}, themeChoices()),
    ),
  );
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    shut();
    menu.querySelector<HTMLElement>("summary")?.focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) shut();
  });
  return menu;
}

let watched = false;

/** A click beside an open menu shuts it: once for all menus of a page. */
function shutMenus(): void {
  if (watched) return;
  watched = true;
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
      if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
    }
  });
}
