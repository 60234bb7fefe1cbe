/** The steps of a ticket: which key takes each, and what it asks for. Pure. */

export type TicketDeedName =
  | "accept"
  | "start"
  | "resolve"
  | "verify"
  | "close"
  | "resume"
  | "wait"
  | "assign"
  | "forward"
  | "refuse"
  | "sub"
  | "comment"
  | "reopen"
  | "cancel";

/** What a step asks for; `nothing`: it is taken at once. */
export type Asks = "nothing" | "why" | "maywhy" | "unit" | "result" | "owner" | "text" | "task" | "ending";

export interface TicketDeed {
  name: TicketDeedName;
  key: string;
  asks: Asks;
}

const deed = (name: TicketDeedName, key: string, asks: Asks): TicketDeed => ({ name, key, asks });

/** In the order of their buttons. */
export const TICKET_DEEDS: readonly TicketDeed[] = [
  deed("accept", "a", "nothing"),
  deed("start", "s", "nothing"),
  deed("resume", "b", "nothing"),
  deed("resolve", "r", "result"),
  deed("verify", "v", "maywhy"),
  deed("close", "x", "ending"),
  deed("wait", "w", "why"),
  deed("assign", "o", "owner"),
  deed("forward", "g", "unit"),
  deed("refuse", "y", "why"),
  deed("sub", "u", "task"),
  deed("comment", "c", "text"),
  deed("reopen", "e", "why"),
  deed("cancel", "d", "why"),
];

/** The key that opens a ticket from an incident that is shown. */
export const OPEN_KEY = "g";

const NEXT: readonly TicketDeedName[] = ["accept", "start", "resume", "resolve", "verify", "close"];

export function deedsOf(steps: readonly string[]): TicketDeed[] {
  return TICKET_DEEDS.filter((one) => steps.includes(one.name));
}

/** The step that comes next: it stands out. A ticket that waits goes on before it is done. */
export function nextOf(steps: readonly string[]): TicketDeedName | undefined {
  return NEXT.find((name) => steps.includes(name));
}
