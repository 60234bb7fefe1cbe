/** The button of every page that shows it in the other language. */

import { el } from "./dom";
import { switchLanguage, t } from "./i18n/language";

export function languageButton(): HTMLButtonElement {
  return el(
    "button",
    {
      class: "quiet",
      attributes: { type: "button", "aria-label": t("language.switch") },
      data: { testid: "language" },
      on: { click: switchLanguage },
    },
    t("language.other"),
  );
}
