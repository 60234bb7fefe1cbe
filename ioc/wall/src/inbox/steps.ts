/** What may be done with a ticket while the centre cannot be asked: the life of a ticket as ioc/tickets/steps.py has
 * it, as far as state alone decides. The centre judges every step again when it is sent. */

export const STEPS = [
  "accept",
  "start",
  "resume",
  "resolve",
  "verify",
  "close",
  "wait",
  "forward",
  "refuse",
  "comment",
  "assign",
  "sub",
  "reopen",
  "cancel",
] as const;

export type Step = (typeof STEPS)[number];

const OPEN = ["new", "accepted", "working", "waiting", "reopened"];

const WAYS: Record<Step, { of: readonly string[] | null; to?: string }> = {
  accept: { of: ["new", "reopened"], to: "accepted" },
  refuse: { of: ["new", "reopened", "accepted"], to: "left" },
  forward: { of: OPEN, to: "left" },
  assign: { of: OPEN },
  start: { of: ["accepted"], to: "working" },
  wait: { of: ["accepted", "working"], to: "waiting" },
  resume: { of: ["waiting"], to: "working" },
  resolve: { of: ["accepted", "working", "waiting"], to: "resolved" },
  verify: { of: ["resolved"], to: "verified" },
  close: { of: ["verified"], to: "closed" },
  reopen: { of: ["resolved", "verified", "closed"], to: "reopened" },
  cancel: { of: null, to: "cancelled" },
  comment: { of: null },
  sub: { of: OPEN },
};

/** Steps that one tap takes, and that ask for words: a reason, a result, a text, a unit, a person. */
export const PLAIN: ReadonlySet<Step> = new Set<Step>(["accept", "start", "resume", "verify"]);
export const REASONED: ReadonlySet<Step> = new Set<Step>(["refuse", "forward", "wait", "reopen", "cancel"]);
export const WITH_UNIT: ReadonlySet<Step> = new Set<Step>(["forward", "sub"]);
export const WITH_PHOTOS: ReadonlySet<Step> = new Set<Step>(["resolve", "comment", "wait", "verify"]);

export function isStep(text: string): text is Step {
  return (STEPS as readonly string[]).includes(text);
}

/** The state in which steps that wait to be sent leave a ticket. */
export function stateAfter(state: string, steps: readonly string[]): string {
  return steps.reduce((at, step) => (isStep(step) && WAYS[step].to) || at, state);
}

/** What may be done next: what the centre offered, or, once steps wait, what their state allows. The most likely first.
 * What needs the centre's right (cancelling) is offered only where it was. */
export function offered(state: string, told: readonly string[], waiting: readonly string[]): Step[] {
  const last = stateAfter(state, waiting);
  const may = (step: Step): boolean => {
    if (waiting.length === 0 && told.length > 0) return told.includes(step);
    if (step === "cancel") return told.includes(step) && last !== "closed" && last !== "cancelled";
    if (step === "verify") return told.includes(step);
    return WAYS[step].of?.includes(last) ?? last !== "left";
  };
  return STEPS.filter(may);
}
