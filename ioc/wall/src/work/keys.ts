/** Which key does what. Pure, so that no two things can have the same key unnoticed. */

export type DeedName =
  | "acknowledge"
  | "assign"
  | "start"
  | "resolve"
  | "comment"
  | "false-alarm"
  | "severity"
  | "title"
  | "merge"
  | "split"
  | "duplicate"
  | "undo"
  | "silence"
  | "close"
  | "reopen";

/** When a step needs a reason: never, always, or while alarms hold. A step that asks for nothing is taken at once. */
export type Reason = "none" | "may" | "must" | "holding";

export interface Deed {
  name: DeedName;
  key: string;
  reason: Reason;
  /** Taken at once, without a form. */
  direct: boolean;
}

const deed = (name: DeedName, key: string, reason: Reason, direct = false): Deed => ({
  name,
  key,
  reason,
  direct,
});

/** In the order of their buttons. */
export const DEEDS: readonly Deed[] = [
  deed("acknowledge", "a", "none", true),
  deed("assign", "o", "may"),
  deed("start", "s", "none", true),
  deed("resolve", "r", "holding"),
  deed("comment", "c", "none"),
  deed("false-alarm", "f", "must"),
  deed("severity", "v", "must"),
  deed("merge", "m", "may"),
  deed("duplicate", "d", "may"),
  deed("split", "p", "may"),
  deed("undo", "u", "may"),
  deed("silence", "z", "must"),
  deed("title", "t", "may"),
  deed("close", "x", "may"),
  deed("reopen", "e", "must"),
];

/**
 * Keys of the whole page, in the order of the help. None is a letter that an incident or a ticket takes, so that each
 * does the same whatever is shown; `worst` to `kiosk` are signs where no letter was left.
 */
export const PAGE_KEYS = {
  worst: "!",
  next: "j",
  previous: "i",
  tickets: "k",
  doubts: "q",
  silences: "l",
  report: "n",
  search: "/",
  filter: ";",
  unfilter: "*",
  fly: ".",
  home: "0",
  zoomin: "+",
  zoomout: "-",
  heat: "h",
  past: "<",
  mosaic: "#",
  mute: ",",
  theme: "%",
  kiosk: "@",
  layouts: "$",
  help: "?",
} as const;

export type PageKey = keyof typeof PAGE_KEYS;

/** So many cameras that see an incident have a key, the nearest `1`. */
export const SEER_KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;

/** What a letter does on the page; on many keyboards + and = are one key. */
export function pageKeyOf(letter: string): PageKey | undefined {
  const meant = letter === "=" ? PAGE_KEYS.zoomin : letter;
  return (Object.keys(PAGE_KEYS) as PageKey[]).find((name) => PAGE_KEYS[name] === meant);
}

/** The deeds that an incident's state allows to who may take steps; muting is no step of the incident. */
export function offered(steps: readonly string[], works: boolean): Deed[] {
  if (!works) return [];
  const open = steps.includes("resolve") || steps.includes("acknowledge") || steps.includes("start");
  return DEEDS.filter((one) => (one.name === "silence" ? open : steps.includes(one.name)));
}

export function needsReason(reason: Reason, holding: number): boolean {
  return reason === "must" || (reason === "holding" && holding > 0);
}

/** The letter that was pressed, or null where it is meant for something else. */
export function letterOf(event: {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}): string | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return null;
  return event.key.toLowerCase();
}
