/** What stands behind each centre's strip: where its name is, how it is linked, what is open in it. Pure. */

import type { Session } from "../api";
import { language } from "../i18n/language";
import { text } from "../model";

/** The names of the reader's centres in the present language. */
export function centreNames(session: Pick<Session, "centres">): (code: string) => string {
  return (code) => {
    const found = session.centres.find((one) => one.code === code);
    const name = text(found?.name, code);
    return language() === "vi" ? name : text(found?.name_en) || name;
  };
}
