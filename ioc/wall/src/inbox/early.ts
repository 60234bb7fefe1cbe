/** The page's first line: it asks for the list while the rest of the page is still on its way. */

let headers: Record<string, string> = {};
try {
  const tag = localStorage.getItem("ioc.inbox.tag");
  if (tag !== null) headers = { "If-None-Match": tag };
} catch {
  // Storage may be forbidden: then the whole list comes.
}
const early = fetch("/api/v1/inbox", {
  credentials: "same-origin",
  cache: "no-store",
  headers,
  signal: AbortSignal.timeout(40_000),
});
early.catch(() => undefined);
window.early = early;
