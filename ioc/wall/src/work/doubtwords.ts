import { serverNow } from "../clock";
import { duration, hourMinute } from "../format";
import { language, t } from "../i18n/language";
import type { Doubt } from "./doubts";

/** A title in the reader's language. */
export const titled = (one: { title: string; titleEn: string }) =>
  language() === "vi" ? one.title : one.titleEn;

/** When an alarm was raised, how long ago, and whether it is over. */
export function ageText(doubt: Doubt): string {
  if (doubt.raisedAt === null) return "";
  const age = duration(serverNow() - doubt.raisedAt);
  return `${hourMinute(doubt.raisedAt)} · ${t("picture.age", { age })}${doubt.holds ? "" : ` · ${t("doubts.over")}`}`;
}
