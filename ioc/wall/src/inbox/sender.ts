/** Sends what waits, in order: the photographs of a step first, then the step. One at a time, in one page at a time. */

import { bodyOf, ready, rebased, type Verdict, verdictOf, type Waiting } from "./queue";
import { bring, type Fetch, type Photo, Stopped } from "./upload";

/** What the sender needs of the page. Every change is durable before it goes on. */
export interface Desk {
  queue(): readonly Waiting[];
  photo(id: string): Promise<Photo | null>;
  keepPhoto(photo: Photo): Promise<void>;
  /** The step was entered: it and its photographs go, those behind it stand on what it left. */
  settle(done: Waiting, ticket: unknown, behind: Waiting[]): Promise<void>;
  /** The step needs the person. */
  hold(one: Waiting): Promise<void>;
  signedOut(): void;
}

/** How often a photograph is brought anew before the person is asked. */
const MOST_TRIES = 3;

export type Outcome = "idle" | "later" | "signedout";

async function answerOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function waitOf(response: Response): number | null {
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return Number.isNaN(seconds) ? null : seconds;
}

/** Sends until nothing is left that may go (`idle`), the line breaks (`later`) or the session has ended. */
export async function sendAll(desk: Desk, send: Fetch): Promise<Outcome> {
  for (;;) {
    const [one] = ready(desk.queue());
    if (one === undefined) return "idle";
    try {
      const outcome = await sendOne(one, desk, send);
      if (outcome !== null) return outcome;
    } catch (error) {
      if (!(error instanceof Stopped)) return "later";
      if (error.status === 401) {
        desk.signedOut();
        return "signedout";
      }
      await desk.hold({ ...one, state: "refused", why: error.message });
    }
  }
}

async function sendOne(one: Waiting, desk: Desk, send: Fetch): Promise<Outcome | null> {
  const uploads: string[] = [];
  for (const id of one.photos) {
    const photo = await desk.photo(id);
    if (photo === null) continue;
    const there = await bring(photo, send, (at) => desk.keepPhoto(at));
    uploads.push(there.upload);
  }
  const response = await send(`/api/v1/tickets/${one.ticket}/${one.step}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": one.id },
    body: JSON.stringify(bodyOf(one, uploads)),
  });
  const body = await answerOf(response);
  return concluded(one, verdictOf(response.status, body, waitOf(response)), body, desk);
}

async function concluded(one: Waiting, verdict: Verdict, body: unknown, desk: Desk): Promise<Outcome | null> {
  switch (verdict.kind) {
    case "done": {
      const version = verdict.ticket?.version ?? one.version + 1;
      await desk.settle(one, verdict.ticket === null ? null : body, rebased(desk.queue(), one, version));
      return null;
    }
    case "later":
      return "later";
    case "signin":
      desk.signedOut();
      return "signedout";
    case "photos":
      // The server has let go of photographs that waited too long: they are brought again under another key.
      for (const id of one.photos) {
        const photo = await desk.photo(id);
        if (photo === null) continue;
        if (photo.tries >= MOST_TRIES) {
          await desk.hold({ ...one, state: "refused", why: verdict.why });
          return null;
        }
        await desk.keepPhoto({ ...photo, upload: "", offset: 0, done: false, tries: photo.tries + 1 });
      }
      return "later";
    case "conflict":
      await desk.hold({
        ...one,
        state: "conflict",
        why: verdict.why,
        current: verdict.current,
        since: verdict.since,
      });
      return null;
    case "refused":
      await desk.hold({ ...one, state: "refused", why: verdict.why });
      return null;
  }
}
