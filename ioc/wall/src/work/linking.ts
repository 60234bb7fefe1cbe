import { Refused } from "../api";
import { isJson, type Json } from "../model";
import { sendJson } from "../people/send";

/** Which incident it joins is what the person decided; that it has a newer version by now does not change that. */
export async function sendDecision(path: string, body: Json): Promise<Json> {
  try {
    return await sendJson("POST", path, body);
  } catch (error) {
    if (!(error instanceof Refused) || error.body.code !== "stale-version") throw error;
    const current = isJson(error.body.current) ? error.body.current : {};
    if (current.status === "duplicate" || current.status === "closed") throw error;
    return sendJson("POST", path, { ...body, expected_version: null });
  }
}
