/** Photographs over a link that breaks: tus 1.0.0, in pieces that a weak link carries in seconds. */

import { isJson, words } from "./wire";

/** Bytes of a piece: four seconds at 64 kbit/s. */
export const PIECE = 32 * 1024;

export interface Photo {
  id: string;
  login: string;
  ticket: string;
  bytes: Blob;
  /** The upload's id at the server; empty: it was not announced yet. */
  upload: string;
  /** How often it was announced: each time is another request. */
  tries: number;
  offset: number;
  done: boolean;
}

export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** Why an upload stopped for good; `status` 401: the session ended. Everything else is tried again. */
export class Stopped extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const TUS = { "Tus-Resumable": "1.0.0" };

async function problem(response: Response): Promise<string> {
  try {
    const body: unknown = await response.json();
    return isJson(body) ? words(body.detail, words(body.title)) : "";
  } catch {
    return "";
  }
}

/** Throws what an answer stands for: Stopped, or an Error after which it is tried again. */
async function fail(response: Response): Promise<never> {
  const { status } = response;
  const text = (await problem(response)) || `HTTP ${status}`;
  if (status >= 500 || status === 429 || status === 408) throw new Error(text);
  throw new Stopped(status, text);
}

function offsetOf(response: Response): number {
  const text = response.headers.get("Upload-Offset") ?? "";
  const offset = Number.parseInt(text, 10);
  if (Number.isNaN(offset)) throw new Error("the server told no offset");
  return offset;
}

async function announce(photo: Photo, send: Fetch): Promise<Photo> {
  const key = `${photo.id}-${photo.tries}`;
  const response = await send("/api/v1/uploads", {
    method: "POST",
    headers: { ...TUS, "Upload-Length": String(photo.bytes.size), "Idempotency-Key": key },
  });
  if (response.status !== 201) return fail(response);
  const body: unknown = await response.json();
  const upload = isJson(body) ? words(body.id) : "";
  if (upload === "") throw new Error("the server told no id");
  return { ...photo, upload, offset: 0 };
}

/** Where the server is; an upload that it does not know any more is announced anew. */
async function found(photo: Photo, send: Fetch): Promise<Photo> {
  const response = await send(`/api/v1/uploads/${photo.upload}`, { method: "HEAD", headers: TUS });
  if (response.status === 404) {
    return announce({ ...photo, upload: "", offset: 0, tries: photo.tries + 1 }, send);
  }
  if (!response.ok) return fail(response);
  return { ...photo, offset: offsetOf(response) };
}

/** Brings a photograph to the server from where it stopped. `keep` is told of every step on the way, and is waited for:
 * what was reached is known after a reload. Throws Stopped, or another Error when it is worth another try. */
export async function bring(
  photo: Photo,
  send: Fetch,
  keep: (photo: Photo) => Promise<void>,
  piece = PIECE,
): Promise<Photo> {
  if (photo.done) return photo;
  let at = photo.upload === "" ? await announce(photo, send) : await found(photo, send);
  await keep(at);
  for (;;) {
    // A whole upload is sent an empty piece: the answer says whether its content is taken.
    const response = await send(`/api/v1/uploads/${at.upload}`, {
      method: "PATCH",
      headers: {
        ...TUS,
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": String(at.offset),
      },
      body: at.bytes.slice(at.offset, at.offset + piece),
    });
    if (response.status === 409 || response.status === 404) {
      const before = at;
      at = await found(at, send);
      if (at.upload === before.upload && at.offset === before.offset)
        throw new Error("the server stands where it stood");
    } else if (response.status !== 204) {
      return fail(response);
    } else {
      const offset = offsetOf(response);
      at = { ...at, offset, done: offset >= at.bytes.size };
    }
    await keep(at);
    if (at.done) return at;
  }
}
