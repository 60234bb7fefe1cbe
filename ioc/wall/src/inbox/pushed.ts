/** A message that was pushed to this browser (ioc/tell/pushing.py: payload). Pure. */

export interface Pushed {
  id: string;
  title: string;
  body: string;
  link: string;
  severity: string;
  thread: string;
  at: number | null;
}

/** A browser must show something for each message, and stops the pushing where nothing is shown. */
const NAMELESS = "IOC";

export function readPushed(data: string): Pushed {
  let told: unknown = null;
  try {
    told = JSON.parse(data);
  } catch {
    // Something is shown all the same.
  }
  const of = (typeof told === "object" && told !== null ? told : {}) as Record<string, unknown>;
  const text = (name: string) => (typeof of[name] === "string" ? of[name] : "");
  const at = Date.parse(text("at"));
  return {
    id: text("id"),
    title: text("title") || NAMELESS,
    body: text("body"),
    link: text("link"),
    severity: text("severity"),
    thread: text("thread") || text("id") || NAMELESS,
    at: Number.isNaN(at) ? null : at,
  };
}

interface Shown extends NotificationOptions {
  renotify: boolean;
  timestamp?: number;
}

/** How it is shown; what is extreme stays until somebody has looked. `again`: this very message is shown already. */
export function shownAs(told: Pushed, again: boolean): Shown {
  return {
    body: told.body,
    tag: told.thread,
    renotify: !again,
    requireInteraction: told.severity === "extreme",
    icon: "/favicon.svg",
    data: { id: told.id, link: told.link },
    ...(told.at === null ? {} : { timestamp: told.at }),
  };
}

/** The path of this server that a click leads to; what is no path of it leads to the wall. */
export function pathOf(data: unknown): string {
  const link = typeof data === "object" && data !== null && "link" in data ? data.link : "";
  return typeof link === "string" && /^\/(?![/\\])/.test(link) ? link : "/";
}
