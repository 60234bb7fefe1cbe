/** Pages beside the wall that signing in leads back to, and nowhere else: as the server's `PAGES`, without the slash. */
const PAGES = [
  "account",
  "api/docs",
  "audit",
  "cameras",
  "charts",
  "duty",
  "figures",
  "inbox",
  "messages",
  "people",
  "policy",
  "quality",
  "registry",
  "rules",
];

/** The label of a thing, or of a code, that was scanned. */
const LABEL = /^#(?:device|camera|enrol)=/;

/** Where to go after signing in: the page that the door's address names, and the place in it that its hash does. */
export function wayBack(search: string, hash: string): string {
  const page = new URLSearchParams(search).get("page") ?? "";
  if (PAGES.includes(page)) return `/${page}${hash}`;
  if (hash === "#inbox") return "/inbox";
  return LABEL.test(hash) ? `/registry${hash}` : `/${hash}`;
}

/** The door for who has to sign in again on a page. */
export function doorFrom(path: string, hash: string): string {
  const page = path.slice(1);
  if (path === "/") return `/signin${hash}`;
  return PAGES.includes(page) ? `/signin?page=${page}${hash}` : "/signin";
}
