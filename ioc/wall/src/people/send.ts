import { call, Refused } from "../api";
import { language, t } from "../i18n/language";
import { isJson, type Json } from "../model";

/** Asks our own server for something about people; its refusals come in the reader's language. */
export async function send(method: string, path: string, body?: Json): Promise<unknown> {
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": language() };
  if (body) headers["Content-Type"] = "application/json";
  const response = await call(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return response.status === 204 ? null : response.json();
}

export async function sendJson(method: string, path: string, body?: Json): Promise<Json> {
  const answer = await send(method, path, body);
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
