/** What the policy would do with an incident at a place: who gets it, until when, who would be told when. Pure. */

import { isJson, type Json, text, time } from "../model";

export interface Proposal {
  /** A ticket would be opened by itself. */
  needed: boolean;
  unit: string;
  task: string;
  along: { unit: string; task: string }[];
  /** In words: which route led to it. */
  why: string;
  areaName: string;
  acceptBy: number | null;
  dueAt: number | null;
  /** Years whose holidays are missing before the deadline. */
  unannounced: number[];
  escalation: {
    at: number | null;
    stage: string;
    act: string;
    unit: string;
    whom: string[];
    told: string[];
  }[];
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : []);
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

export function readProposal(body: unknown): Proposal | null {
  if (!isJson(body)) return null;
  return {
    needed: body.needed === true,
    unit: text(body.unit),
    task: text(body.task),
    along: list(body.along).map((one) => ({ unit: text(one.unit), task: text(one.task) })),
    why: text(body.why),
    areaName: text(body.area_name),
    acceptBy: time(body.accept_by),
    dueAt: time(body.due_at),
    unannounced: Array.isArray(body.unannounced)
      ? body.unannounced.filter((one) => typeof one === "number")
      : [],
    escalation: list(body.escalation).map((one) => ({
      at: time(one.at),
      stage: text(one.stage),
      act: text(one.do),
      unit: text(one.unit),
      whom: texts(one.whom),
      told: texts(one.told),
    })),
  };
}
