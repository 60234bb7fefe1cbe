import { call } from "./api";
import { el } from "./dom";

/** How long the browser may take to begin to save. */
const KEPT_MS = 60_000;

/** Saves an answer of our own server as a file, by the name that the server gives it. Refused where it gives none. */
export async function download(path: string, name: string): Promise<void> {
  const answer = await call(path);
  const address = URL.createObjectURL(await answer.blob());
  const given = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
  el("a", { attributes: { href: address, download: given ?? name } }).click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
