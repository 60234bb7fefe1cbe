/** What the policy would do with an incident at a place: who gets it, until when, who would be told when. Pure. */

import { isJson, type Json, text, time } from "../model";

export interface Proposal {
  unit: string;
  unitName: string;
  along: { unit: string; task: string }[];
  /** In words: which route led to it. */
  why: string;
  acceptBy: number | null;
  dueAt: number | null;
  escalation: { at: number | null; stage: string; act: string; whom: string[]; told: string[] }[];
}

const words = (value: unknown): string[] => {
  if (Array.isArray(value))
    return value.map((one) => (isJson(one) ? text(one.name) || text(one.login) : text(one))).filter(Boolean);
  return text(value) === "" ? [] : [text(value)];
};

export function readProposal(body: unknown): Proposal | null {
  if (!isJson(body)) return null;
  const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : []);
  return {
    unit: text(body.unit),
    unitName: text(body.unit_name),
    along: list(body.along).map((one) => ({ unit: text(one.unit), task: text(one.task) })),
    why: text(body.why),
    acceptBy: time(body.accept_by),
    dueAt: time(body.due_at),
    escalation: list(body.escalation).map((one) => ({
      at: time(one.at),
      stage: text(one.stage),
      act: text(one.do),
      whom: words(one.whom),
      told: words(one.told),
    })),
  };
}
