import { fixed, moment, quantity } from "../format";
import { t, word } from "../i18n/language";

/** "350 m", "2,4 km". */
export function farText(metres: number): string {
  return metres < 1_000 ? quantity(Math.round(metres), "m") : `${fixed(metres / 1_000, 1)} km`;
}

/** What happened, in the reader's language; a step that this wall does not know is shown as it was written. */
export function lineText({ what, text }: { what: string; text: string }): string {
  if (what === "comment") return text;
  const known = word("log", what);
  if (known === what) return text || what;
  const change = what === "severity" ? /^(\w+) → (\w+)(?:: (.*))?$/s.exec(text) : null;
  if (change) {
    const [before, after] = change.slice(1, 3).map((grade) => word("severity", grade ?? ""));
    return `${known}: ${before} → ${after}${change[3] ? ` – ${change[3]}` : ""}`;
  }
  return text === "" ? known : `${known}: ${text}`;
}

/** Why a step was refused that somebody else was quicker with: who did what, when. */
export function staleText(
  latest: { who: string; what: string; text: string; at: number | null } | null,
  self: string,
  now: number,
): string {
  if (latest === null) return t("stale.system");
  const time = latest.at === null ? "" : moment(latest.at, now);
  const who = latest.who === self ? t("stale.self") : latest.who;
  return t("stale.person", { who, what: lineText(latest), time });
}
