import { call } from "./api";
import { el } from "./dom";

/** How long the browser may take to begin to save. */
const KEPT_MS = 60_000;

/** Saves what the page has made itself as a file. */
export function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  el("a", { attributes: { href: address, download: name } }).click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}

/** Saves an answer of our own server as a file, by the name that the server gives it. Refused where it gives none. */
export async function download(path: string, name: string): Promise<void> {
  const answer = await call(path);
  const given = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
  save(await answer.blob(), given ?? name);
}
