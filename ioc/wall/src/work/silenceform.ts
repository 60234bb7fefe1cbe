import { el } from "../dom";
import { moment } from "../format";
import { t, word } from "../i18n/language";
import { type Json, SEVERITIES, type Severity } from "../model";
import { SendAgain, sendJson } from "../people/send";
import { choose, labelled, lines, Sheet, Told, tick } from "./sheet";

const HOUR_MS = 3_600_000;
const SPANS_H = [1, 4, 12, 24, 72, 168, 720];

/** What can be muted from here: sources and rules by code, with their words. */
export interface Mutable {
  sources: ReadonlyArray<readonly [code: string, name: string]>;
  rules: readonly string[];
}

/** Makes a silence: of what, why, until when, up to which severity, and perhaps when it comes back. */
export function silenceForm(
  what: Mutable,
  now: () => number,
  done: (words: string) => void,
  cancel: () => void,
): Sheet {
  const sources = what.sources.map(([code, name], at) =>
    tick(name === code ? code : `${name} (${code})`, { name: "source", value: code }, at === 0),
  );
  const rules = what.rules.map((rule) => tick(rule, { name: "rule", value: rule }));
  const reason = lines(t("silence.reason"), "reason", true, "", 500);
  const until = choose(
    t("silence.until"),
    "until",
    SPANS_H.map((hours) => [
      String(hours),
      hours < 48 ? t("silence.hours", { hours }) : t("silence.days", { days: hours / 24 }),
    ]),
    "4",
  );
  const worst = choose(
    t("silence.worst"),
    "worst",
    [...SEVERITIES].reverse().map((one) => [one, t(`severity.${one}`)] as const),
    "severe" satisfies Severity,
  );
  const daily = tick(t("silence.recurs"), { name: "recurs" });
  const start = labelled(t("silence.start"), el("input", { attributes: { type: "time", name: "start" } }));
  const end = labelled(t("silence.end"), el("input", { attributes: { type: "time", name: "end" } }));
  const days = [1, 2, 3, 4, 5, 6, 7].map((day) =>
    tick(word("day", String(day)), { name: "day", value: String(day) }),
  );
  const windows = el(
    "div",
    { class: "windows" },
    start.row,
    end.row,
    el("fieldset", { class: "days" }, el("legend", {}, t("silence.ondays")), ...days.map((one) => one.row)),
  );
  windows.hidden = true;
  daily.input.addEventListener("change", () => {
    windows.hidden = !daily.input.checked;
  });
  const picked = (boxes: { input: HTMLInputElement }[]) =>
    boxes.filter(({ input }) => input.checked).map(({ input }) => input.value);
  const again = new SendAgain();

  const body = (): Json => {
    const recurs = daily.input.checked
      ? { start: start.input.value, end: end.input.value, days: picked(days).map(Number) }
      : null;
    if (recurs && (recurs.start === "" || recurs.end === "")) throw new Told(t("silence.needwindow"));
    const list = { sources: picked(sources), rules: picked(rules) };
    if (list.sources.length + list.rules.length === 0) throw new Told(t("silence.needwhat"));
    return {
      ...list,
      reason: reason.input.value,
      until: new Date(now() + Number(until.input.value) * HOUR_MS).toISOString(),
      worst: worst.input.value,
      ...(recurs ? { recurs } : {}),
    };
  };

  return new Sheet(
    t("silence.make"),
    [
      el(
        "fieldset",
        {},
        el("legend", {}, t("silence.what")),
        ...[...sources, ...rules].map((one) => one.row),
      ),
      reason.row,
      until.row,
      worst.row,
      daily.row,
      windows,
    ],
    t("silence.send"),
    async () => {
      const asked = body();
      const made = await sendJson("POST", "/api/v1/silences", asked, again.keyOf(asked));
      const ends = Date.parse(String(made.ends));
      done(t("silence.made", { time: moment(ends, now()) }));
    },
    cancel,
  );
}
