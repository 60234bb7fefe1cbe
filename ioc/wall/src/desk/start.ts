import { getSession, type Session } from "../api";
import { byId, el, replace } from "../dom";
import { setTimeZone } from "../format";
import { onLanguage, startLanguage, t } from "../i18n/language";

/** Begins a page: who reads it, in which language and time zone. A page that cannot learn that says so. */
export async function startPage(make: (root: HTMLElement, session: Session) => void): Promise<void> {
  startLanguage();
  const root = byId("page");
  try {
    const session = await getSession();
    startLanguage(session.language);
    setTimeZone(session.timezone);
    make(root, session);
  } catch {
    const tell = () => replace(root, el("p", { class: "note" }, t("desk.failed")));
    onLanguage(tell);
    tell();
  }
}
