import { call, getJson, Refused } from "../api";
import { language } from "../i18n/language";
import { isJson, type Json } from "../model";
import { SendAgain, sendJson } from "../people/send";
import { queryOf, type Wish } from "./route";
import { type Family, type Page, readPage, readThing, type Thing } from "./thing";

export const PAGE = 200;

/** A change that another person's has overtaken: nothing was written, and this is what is there. */
export class Overtaken extends Error {
  constructor(readonly current: Thing) {
    super("overtaken");
  }
}

export function pathOf(family: Family, code: string, more = ""): string {
  return `/api/v1/${family}/${encodeURIComponent(code)}${more}`;
}

export async function listed(family: Family, wish: Wish, after = "", signal?: AbortSignal): Promise<Page> {
  const query = [queryOf(wish), `limit=${PAGE}`, after && `after=${encodeURIComponent(after)}`];
  const path = `/api/v1/${family}?${query.filter((part) => part !== "").join("&")}`;
  return readPage(family, await getJson(path, signal));
}

function thingOf(family: Family, body: unknown): Thing {
  const thing = readThing(family, body);
  if (!thing) throw new Error("no record");
  return thing;
}

export async function one(family: Family, code: string): Promise<Thing> {
  return thingOf(family, await getJson(pathOf(family, code)));
}

/**
 * Sends a change of a record and returns the record that it came to. Overtaken when somebody was quicker.
 */
export async function change(
  family: Family,
  method: string,
  path: string,
  body: Json,
  again = new SendAgain(),
): Promise<Thing> {
  try {
    return thingOf(family, await sendJson(method, path, body, again.keyOf(body)));
  } catch (error) {
    if (error instanceof Refused && error.status === 409 && isJson(error.body.current)) {
      const current = readThing(family, error.body.current);
      if (current && current.version !== body.expected_version) throw new Overtaken(current);
    }
    throw error;
  }
}

/** Sends a file or a picture as it is. */
export async function sendBytes(method: string, path: string, bytes: Blob): Promise<unknown> {
  const response = await call(path, {
    method,
    headers: {
      Accept: "application/json",
      "Accept-Language": language(),
      "Content-Type": bytes.type || "application/octet-stream",
    },
    body: bytes,
  });
  return response.status === 204 ? null : response.json();
}
