/** How a reader chooses between dark and light: in the menu of every page, and by one button where there is none. */

import { el } from "./dom";
import { t } from "./i18n/language";
import { CHOICES, chooseTheme, nextTheme, onTheme, theme } from "./theme";

/** The entry of the menu, with a button for each choice. */
export function themeChoices(): HTMLElement {
  watch();
  const buttons = CHOICES.map((choice) =>
    el(
      "button",
      {
        class: "quiet",
        attributes: { type: "button", "aria-pressed": String(choice === theme()) },
        data: { choice },
        on: { click: () => chooseTheme(choice) },
      },
      t(`theme.${choice}`),
    ),
  );
  const attributes = { role: "group", "aria-label": t("theme.label") };
  return el(
    "div",
    { class: "themes", attributes, data: { testid: "themes" } },
    el("span", { class: "dim" }, t("theme.label")),
    ...buttons,
  );
}

function named(): string {
  return `${t("theme.label")}: ${t(`theme.${theme()}`)}`;
}

/** For the pages before signing in: it names the present choice, and goes on to the next. */
export function themeButton(): HTMLButtonElement {
  watch();
  return el(
    "button",
    { class: "quiet", attributes: { type: "button" }, data: { testid: "theme" }, on: { click: nextTheme } },
    named(),
  );
}

let watched = false;

/** Once for all of a page: heads are drawn anew many times. */
function watch(): void {
  if (watched) return;
  watched = true;
  onTheme(mark);
}

function mark(): void {
  for (const one of document.querySelectorAll<HTMLElement>(".themes [data-choice]"))
    one.setAttribute("aria-pressed", String(one.dataset.choice === theme()));
  for (const one of document.querySelectorAll("[data-testid=theme]")) one.textContent = named();
}
