import { serverNow } from "../clock";
import { facts } from "../detail/facts";
import { type Child, el } from "../dom";
import { measured, moment, quantity } from "../format";
import { language, t, word } from "../i18n/language";
import { type Json, number, SEVERITIES, text } from "../model";
import { type Limits, limitsOf, type Override, type Rule, type Version } from "./rule";

export function titleOf(rule: Rule): string {
  const title = text(language() === "vi" ? rule.body.title : rule.body.title_en) || rule.code;
  return title.replace(/\{\w+\}/g, "…");
}

/** "trung bình 6,50 · nặng 8,00". */
export function limitsText(limits: Limits, property: string): string {
  return [...SEVERITIES]
    .reverse()
    .flatMap((one) => {
      const limit = limits[one];
      return limit === undefined ? [] : [`${t(`severity.${one}`)}: ${measured(limit, "", property)}`];
    })
    .join(" · ");
}

const minutes = (value: unknown) => {
  const seconds = number(value) ?? 0;
  return seconds === 0 ? null : t("rules.minutes", { minutes: quantity(seconds / 60) });
};
const coded = (value: unknown): Node | null =>
  value === undefined || value === null ? null : el("code", {}, JSON.stringify(value));
const names = (value: unknown) => (Array.isArray(value) && value.length > 0 ? value.join(", ") : null);

/** What a rule asks for, in words where there are any. */
export function ruleFacts(rule: Rule): HTMLElement {
  const { body } = rule;
  const property = text(body.property);
  const below = body.below === true ? t("rules.below") : t("rules.above");
  const limits = limitsText(limitsOf(body.levels), property);
  const breaches = number(body.breaches);
  return facts([
    [t("detail.category"), word("category", text(body.category))],
    [t("rules.about"), aboutOf(body)],
    [
      t("rules.limits"),
      limits === "" ? (rule.overrides.length > 0 ? t("rules.only") : null) : `${below}: ${limits}`,
    ],
    [t("rules.source"), text(body.source)],
    [t("rules.margin"), typeof body.clear_margin === "number" ? quantity(body.clear_margin) : null],
    [t("rules.clear"), limitsText(limitsOf(body.clear), property) || null],
    [t("rules.after"), minutes(body.for_s)],
    [t("rules.until"), minutes(body.clear_for_s)],
    [
      t("rules.nofm"),
      breaches !== null && breaches > 1 ? `${breaches} / ${number(body.of) ?? breaches}` : null,
    ],
    [t("rules.absent"), minutes(body.absent_s)],
    [t("rules.window"), coded(body.window)],
    [t("rules.when"), coded(body.when)],
    [t("rules.schedule"), coded(body.schedule)],
    [t("rules.needs"), coded(body.needs)],
    [t("rules.sources"), names(body.sources)],
    [t("rules.areas"), names(body.areas)],
    [
      t("rules.polygon"),
      Array.isArray(body.polygon) ? t("rules.corners", { count: body.polygon.length }) : null,
    ],
    [t("rules.quiet"), body.quiet === true ? t("rules.yes") : null],
  ]);
}

function aboutOf(body: Json): string {
  const property = text(body.property);
  const parts = [
    property === "" ? "" : word("property", property),
    text(body.profile),
    text(body.sighting) === "" ? "" : word("kind", text(body.sighting)),
    text(body.system),
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

/** Whether and since when it is in force, and who changed it last. */
export function standText(rule: Rule): string {
  const at = rule.at === null ? "" : moment(rule.at, serverNow());
  const who = rule.who || t("rules.pack");
  return t("rules.stand", { version: rule.version, what: word("rules.what", rule.what), who, time: at });
}

export function overrideTable(rule: Rule, manage: ((one: Override) => void) | null): HTMLElement {
  const property = text(rule.body.property);
  if (rule.overrides.length === 0) return el("p", { class: "dim" }, t("rules.nooverrides"));
  const rows = rule.overrides.map((one) =>
    el(
      "tr",
      {},
      el("td", {}, t(`rules.${one.kind}`)),
      el("td", {}, el("code", {}, one.subject)),
      el("td", {}, limitsText(one.limits, property) || t("rules.nolimit")),
      manage &&
        el(
          "td",
          {},
          el(
            "button",
            {
              class: "quiet",
              attributes: { type: "button" },
              on: { click: () => manage(one) },
            },
            t("rules.release"),
          ),
        ),
    ),
  );
  return table(["rules.kind", "rules.subject", "rules.limits"], rows, manage !== null);
}

export function versionTable(
  versions: Version[],
  newest: number,
  restore: ((version: number) => void) | null,
): HTMLElement {
  const now = serverNow();
  const rows = versions.map((one) =>
    el(
      "tr",
      {},
      el("td", {}, `@${one.version}`),
      el("td", {}, word("rules.what", one.what)),
      el("td", {}, one.at === null ? "" : moment(one.at, now)),
      el("td", {}, one.who || t("rules.pack")),
      el("td", {}, one.reason),
      restore &&
        el(
          "td",
          {},
          one.version !== newest &&
            el(
              "button",
              { class: "quiet", attributes: { type: "button" }, on: { click: () => restore(one.version) } },
              t("rules.restore"),
            ),
        ),
    ),
  );
  return table(
    ["rules.version", "rules.did", "rules.time", "rules.who", "rules.why"],
    rows,
    restore !== null,
  );
}

function table(heads: Parameters<typeof t>[0][], rows: Child[], acts: boolean): HTMLElement {
  return el(
    "div",
    { class: "scroll" },
    el(
      "table",
      {},
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          ...heads.map((key) => el("th", { attributes: { scope: "col" } }, t(key))),
          acts && el("th", { attributes: { "aria-label": t("rules.act") } }),
        ),
      ),
      el("tbody", {}, ...rows),
    ),
  );
}
