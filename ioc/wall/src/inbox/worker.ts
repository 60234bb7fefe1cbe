/**
 * Keeps the inbox's page for times without a network, and shows what is pushed to this browser. It holds no data of
 * anybody: those are in IndexedDB. One worker for both: a browser subscribes once for each, and the inbox has to have
 * this one anyway.
 */

import { type Pushed, pathOf, readPushed, shownAs } from "./pushed";

interface Waits {
  waitUntil(promise: Promise<unknown>): void;
}

interface Fetches extends Waits {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

interface Receives extends Waits {
  readonly data: { text(): string } | null;
}

interface Clicks extends Waits {
  readonly notification: Notification;
}

interface Window {
  readonly url: string;
  focus(): Promise<unknown>;
}

interface Scope {
  addEventListener(type: "install" | "activate", listener: (event: Waits) => void): void;
  addEventListener(type: "fetch", listener: (event: Fetches) => void): void;
  addEventListener(type: "push", listener: (event: Receives) => void): void;
  addEventListener(type: "notificationclick", listener: (event: Clicks) => void): void;
  skipWaiting(): Promise<void>;
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window"; includeUncontrolled: true }): Promise<readonly Window[]>;
    openWindow(url: string): Promise<unknown>;
  };
}

const scope = self as unknown as Scope;
/** The digest of the page, put in by the build: another page is another cache. */
const SHELL = "ioc-inbox-__SHELL__";
const PAGE = "/inbox";

/** The page must be whole and must be the page: for a stranger the server leads to the sign-in. */
async function install(): Promise<void> {
  const page = await fetch(PAGE, { credentials: "same-origin", cache: "no-cache" });
  if (!page.ok || page.redirected) throw new Error("the page cannot be kept now");
  const cache = await caches.open(SHELL);
  await cache.put(PAGE, page);
  await scope.skipWaiting();
}

async function activate(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith("ioc-inbox-") && name !== SHELL) await caches.delete(name);
  }
  await scope.clients.claim();
}

async function page(request: Request): Promise<Response> {
  const kept = await caches.match(PAGE);
  return kept ?? fetch(request);
}

/** News of a thread takes the place of what was shown of it; the same message again stays quiet. */
async function show(told: Pushed): Promise<void> {
  const { registration } = scope;
  const before = await registration.getNotifications({ tag: told.thread });
  const again = before.some(({ data }) => (data as { id?: unknown } | null)?.id === told.id);
  await registration.showNotification(told.title, shownAs(told, again));
}

/** Leads to where the message says: into a window that is already there, else into a new one. */
async function follow(notification: Notification): Promise<void> {
  notification.close();
  const url = new URL(pathOf(notification.data), location.origin).href;
  const windows = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((one) => one.url === url);
  await (there ? there.focus() : scope.clients.openWindow(url));
}

scope.addEventListener("install", (event) => event.waitUntil(install()));
scope.addEventListener("activate", (event) => event.waitUntil(activate()));
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode !== "navigate" || new URL(request.url).pathname !== PAGE) return;
  event.respondWith(page(request));
});
scope.addEventListener("push", (event) => event.waitUntil(show(readPushed(event.data?.text() ?? ""))));
scope.addEventListener("notificationclick", (event) => event.waitUntil(follow(event.notification)));
