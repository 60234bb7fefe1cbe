/** Keeps the page itself for times without a network. It holds no data of anybody: those are in IndexedDB. */

interface Waits {
  waitUntil(promise: Promise<unknown>): void;
}

interface Fetches extends Waits {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

interface Scope {
  addEventListener(type: "install" | "activate", listener: (event: Waits) => void): void;
  addEventListener(type: "fetch", listener: (event: Fetches) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
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

scope.addEventListener("install", (event) => event.waitUntil(install()));
scope.addEventListener("activate", (event) => event.waitUntil(activate()));
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode !== "navigate" || new URL(request.url).pathname !== PAGE) return;
  event.respondWith(page(request));
});

export {};
