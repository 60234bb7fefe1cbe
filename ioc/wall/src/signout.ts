import { call, toSignIn } from "./api";
import { sendJson } from "./people/send";
import { BrowserPush, pushKnown, thisDevice } from "./push";

/** What this browser is as a receiver of messages; null where it can be none. */
export function browserPush(): BrowserPush | null {
  if (!pushKnown()) return null;
  return new BrowserPush(thisDevice((path, body) => sendJson("POST", path, { ...body })));
}

/** Ends the session; this browser then takes no messages of its person any more. */
export async function signOut(): Promise<void> {
  try {
    await browserPush()?.leave();
    await call("/api/v1/session", { method: "DELETE" });
  } finally {
    toSignIn("/signin");
  }
}
