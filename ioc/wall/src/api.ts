import { setClock } from "./clock";
import { isJson, type Json, number, text } from "./model";
import { doorFrom } from "./wayback";

/** An answer that is not a success; `body` is its problem document, where there was one. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly body: Json,
    readonly retryAfter: number | null = null,
  ) {
    super(text(body.detail) || text(body.title) || `HTTP ${status}`);
  }
}

export interface Session {
  user: string;
  name: string;
  role: string;
  /** The kinds of things that the reader's role may see. */
  sees: string[];
  /** The centres that the reader may see: code, name, name_en. */
  centres: Json[];
  /** The code of the centre that the reader is confined to, null for the whole province. */
  centre: string | null;
  centreName: string;
  centreNameEn: string;
  language: string;
  timezone: string;
  replay: { speed: number; name: string; nameEn: string } | null;
}

let ended: (() => void) | null = null;

/** What happens when the session ends, in place of going to the sign-in; null: that again. */
export function onSignedOut(deed: (() => void) | null): void {
  ended = deed;
}

/** To the sign-in, which leads back to this page unless another address of it is given. */
export function toSignIn(door = doorFrom(location.pathname, location.hash)): void {
  if (ended) ended();
  else location.replace(door);
}

async function bodyOf(response: Response): Promise<unknown> {
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch {
    return null;
  }
}

async function refusal(response: Response): Promise<Refused> {
  const body = await bodyOf(response);
  const wait = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return new Refused(response.status, isJson(body) ? body : {}, Number.isNaN(wait) ? null : wait);
}

/** Fetches from our own server; a session that has ended leads to the sign-in page. */
export async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(path, { credentials: "same-origin", cache: "no-store", ...init });
  if (response.status === 401) toSignIn();
  if (!response.ok) throw await refusal(response);
  return response;
}

export async function getJson(path: string, signal?: AbortSignal): Promise<unknown> {
  const response = await call(path, {
    headers: { Accept: "application/json" },
    ...(signal ? { signal } : {}),
  });
  return bodyOf(response);
}

export async function postJson(path: string, body: Json): Promise<unknown> {
  const response = await call(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
  return bodyOf(response);
}

function readSession(body: unknown): Session {
  const session = isJson(body) ? body : {};
  const centres = Array.isArray(session.centres) ? session.centres.filter(isJson) : [];
  const own = centres.find((centre) => centre.code === session.centre);
  const replay = isJson(session.replay) ? session.replay : null;
  const name = text(own?.name, text(session.centre));
  return {
    user: text(session.user),
    name: text(session.name, text(session.user)),
    role: text(session.role),
    sees: Array.isArray(session.sees) ? session.sees.map((kind) => text(kind)) : [],
    centres,
    centre: text(session.centre) || null,
    centreName: name,
    centreNameEn: text(own?.name_en, name),
    language: text(session.language, "vi"),
    timezone: text(session.timezone, "Asia/Ho_Chi_Minh"),
    replay: replay && {
      speed: number(replay.speed) ?? 1,
      name: text(replay.name),
      nameEn: text(replay.name_en),
    },
  };
}

export async function getSession(): Promise<Session> {
  const response = await call("/api/v1/session", { headers: { Accept: "application/json" } });
  setClock(response.headers.get("Date"));
  return readSession(await bodyOf(response));
}

/** Signs in without following a 401: that is an answer here, not an ended session. */
export async function signIn(user: string, password: string, code = ""): Promise<void> {
  const response = await fetch("/api/v1/session", {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(code ? { user, password, code } : { user, password }),
  });
  if (!response.ok) throw await refusal(response);
}
