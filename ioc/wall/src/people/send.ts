import { call, Refused } from "../api";
import { language, t } from "../i18n/language";
import { isJson, type Json } from "../model";

/**
 * Asks our own server for something; its refusals come in the reader's language.
 *
 * @param key an Idempotency-Key: what is sent again after a line broke is done once
 */
export async function send(method: string, path: string, body?: Json, key = ""): Promise<unknown> {
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": language() };
  if (key) headers["Idempotency-Key"] = key;
  if (body) headers["Content-Type"] = "application/json";
  const response = await call(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return response.status === 204 ? null : response.json();
}

export async function sendJson(method: string, path: string, body?: Json, key = ""): Promise<Json> {
  const answer = await send(method, path, body, key);
  return isJson(answer) ? answer : {};
}

export async function list(path: string): Promise<Json[]> {
  const answer = await send("GET", path);
  return Array.isArray(answer) ? answer.filter(isJson) : [];
}

/** Why it did not work, in words for the reader. */
export function reason(error: unknown): string {
  return error instanceof Refused ? error.message : t("people.failed");
}

/** Why something could not be had: what the server says, or that it does not answer. */
export function whyNot(error: unknown): string {
  return error instanceof Refused ? error.message : t("past.noanswer");
}

/** Keys under which requests may be sent again: the same while the body stays the same. Random in pages without TLS, too. */
export class SendAgain {
  private key = "";
  private sent = "";

  keyOf(body: Json): string {
    const written = JSON.stringify(body);
    if (written !== this.sent || this.key === "") {
      this.sent = written;
      const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
      this.key = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
    }
    return this.key;
  }
}
