import { el } from "../dom";
import { t, word } from "../i18n/language";
import { text } from "../model";
import { titleOf } from "./card";
import type { Rule } from "./rule";

export const keyOf = ({ pack, code }: { pack: string; code: string }) => `${pack}/${code}`;

/** Those rules whose words hold every word asked for, by pack. */
export function packList(rules: readonly Rule[], chosen: string, asked: string): HTMLElement[] {
  const words = asked.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const packs = new Map<string, Rule[]>();
  for (const rule of rules) {
    const { title, title_en, category } = rule.body;
    const told = [keyOf(rule), text(title), text(title_en), word("category", text(category))];
    const line = told.join(" ").toLocaleLowerCase();
    if (!words.every((one) => line.includes(one))) continue;
    packs.set(rule.pack, [...(packs.get(rule.pack) ?? []), rule]);
  }
  return [...packs].map(([pack, list]) =>
    el("li", {}, el("h2", {}, pack), el("ul", {}, ...list.map((rule) => entry(rule, chosen)))),
  );
}

function entry(rule: Rule, chosen: string): HTMLElement {
  const key = keyOf(rule);
  const here: Record<string, string> = key === chosen ? { "aria-current": "true" } : {};
  const facts = [
    `${rule.code}@${rule.version}`,
    rule.enabled ? "" : t("rules.off"),
    rule.origin === "pack" ? "" : word("rules.origin", rule.origin),
    rule.demo ? t("rules.demo") : "",
  ];
  return el(
    "li",
    {},
    el(
      "a",
      {
        class: rule.enabled ? "entry" : "entry off",
        attributes: { href: `#${encodeURIComponent(key)}`, ...here },
        data: { rule: key },
      },
      el("span", {}, titleOf(rule)),
      el("small", {}, facts.filter(Boolean).join(" · ")),
    ),
  );
}
