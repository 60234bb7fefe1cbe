import { el } from "../dom";
import { language, t, word } from "../i18n/language";
import type { Related } from "./record";

/** Incidents that belong to this one without being it: upstream, downstream, previous, duplicates, split. */
export function relatedList(related: readonly Related[], open: (id: string) => void): HTMLElement | null {
  if (related.length === 0) return null;
  return el(
    "section",
    { data: { testid: "related" } },
    el("h3", {}, t("related.title")),
    el(
      "ul",
      { class: "choices" },
      ...related.map((one) =>
        el(
          "li",
          {},
          el(
            "button",
            { attributes: { type: "button" }, data: { related: one.id }, on: { click: () => open(one.id) } },
            el("b", {}, word("related", one.kind)),
            el(
              "span",
              {},
              language() === "vi" ? one.title : one.titleEn,
              el("small", { class: "dim" }, word("status", one.status)),
            ),
          ),
        ),
      ),
    ),
  );
}
