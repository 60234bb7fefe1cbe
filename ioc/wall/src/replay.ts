import type { Session } from "./api";
import { el } from "./dom";
import { language, t } from "./i18n/language";

/** Says that a recording plays and which; null where what is shown is the present. */
export function replayBadge(session: Session): HTMLElement | null {
  const { replay } = session;
  if (!replay) return null;
  const given = language() === "vi" ? replay.name : replay.nameEn || replay.name;
  const text = t("replay.badge", { speed: replay.speed, name: given || t("replay.name") });
  return el("strong", { class: "replay", data: { testid: "replay" } }, text);
}
