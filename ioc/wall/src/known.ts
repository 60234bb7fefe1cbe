import { getSession, Refused, type Session } from "./api";
import { setTimeZone } from "./format";
import { startLanguage } from "./i18n/language";

/** A page that cannot learn who reads it asks again this often. */
export const RETRY_MS = 3_000;

/**
 * Who reads the page, whose language and time zone it then has; null for a stranger, who is led to the sign-in. Waits for
 * the server: a screen that is switched on first must not stay blank.
 *
 * @param away told each time that the server does not answer
 */
export async function knownSession(away: () => void = () => undefined): Promise<Session | null> {
  startLanguage();
  for (;;) {
    try {
      const session = await getSession();
      startLanguage(session.language);
      setTimeZone(session.timezone);
      return session;
    } catch (error) {
      if (error instanceof Refused && error.status === 401) return null;
      away();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
