/** What a search has found, from the server or from what the page holds itself. Pure. */

import type { Board } from "../board";
import {
  type Incident,
  isJson,
  isOpen,
  type Place,
  type Position,
  position,
  SEVERITIES,
  type Severity,
  text,
  worstFirst,
} from "../model";
import { fold, pairOf, rank, wordsOf } from "./fold";

export const KINDS = ["place", "area", "device", "camera", "incident", "ticket"] as const;
export type FoundKind = (typeof KINDS)[number];

export interface Found {
  kind: FoundKind;
  id: string;
  name: string;
  nameEn: string;
  detail: string;
  position: Position | null;
  state: string;
  severity: Severity | null;
  /** The last day of an area that is no more, `YYYY-MM-DD`, and what followed it. */
  until: string;
  successors: string[];
}

/** So many are shown of what the page holds itself. */
const MOST = 20;

function readOne(value: unknown): Found | null {
  if (!isJson(value)) return null;
  const kind = KINDS.find((one) => one === value.kind);
  const id = text(value.id);
  if (!kind || id === "") return null;
  const name = text(value.name, id);
  return {
    kind,
    id,
    name,
    nameEn: text(value.name_en, name),
    detail: text(value.detail),
    position: position(value.position),
    state: text(value.state),
    severity: SEVERITIES.find((one) => one === value.severity) ?? null,
    until: text(value.until),
    successors: Array.isArray(value.successors)
      ? value.successors.filter((one) => typeof one === "string")
      : [],
  };
}

export function readFound(body: unknown): Found[] {
  const list = isJson(body) && Array.isArray(body.found) ? body.found : [];
  return list.map(readOne).filter((one) => one !== null);
}

const NOTHING = { nameEn: "", detail: "", severity: null, state: "", until: "", successors: [] };

function ofPlace(kind: "device" | "camera", one: Place): Found {
  const { code, name, position, state } = one;
  return { ...NOTHING, kind, id: code, name, nameEn: name, detail: code, position, state };
}

function ofIncident(one: Incident): Found {
  const { id, title, titleEn, areaName, severity, status, position } = one;
  return {
    ...NOTHING,
    kind: "incident",
    id,
    name: title,
    nameEn: titleEn,
    detail: areaName,
    severity,
    position,
    state: status,
  };
}

function best(one: Found, words: readonly string[]): number | null {
  const names = [one.name, one.nameEn, one.detail, `${one.name} ${one.detail}`];
  const ranks = names.map((name) => rank(fold(name), words)).filter((found) => found !== null);
  return ranks.length > 0 ? Math.min(...ranks) : null;
}

/** What the page itself holds: for when the server does not answer. */
export function findHere(board: Board, typed: string): Found[] {
  const pair = pairOf(typed);
  if (pair) {
    const name = `${pair[1]}, ${pair[0]}`;
    return [
      { ...NOTHING, kind: "place", id: name, name, nameEn: name, position: pair, state: "coordinates" },
    ];
  }
  const words = wordsOf(typed);
  const number = /^\s*#?\s*(\d{1,18})\s*$/.exec(typed)?.[1];
  const found: { one: Found; rank: number; at: number }[] = [];
  const add = (one: Found) => {
    const rank = best(one, words);
    if (rank !== null && words.length > 0) found.push({ one, rank, at: found.length });
  };
  for (const one of board.tickets.values()) {
    if (String(one.number) !== number) continue;
    const { id, title, titleEn, severity, state, position } = one;
    const about = { name: `#${number} ${title}`, nameEn: `#${number} ${titleEn}` };
    found.push({
      one: { ...NOTHING, kind: "ticket", id, ...about, severity, state, position },
      rank: 0,
      at: 0,
    });
  }
  const open = [...board.incidents.values()].filter(isOpen).sort(worstFirst);
  for (const one of open) add(ofIncident(one));
  for (const one of board.devices.values()) add(ofPlace("device", one));
  for (const one of board.cameras.values()) add(ofPlace("camera", one));
  found.sort((a, b) => a.rank - b.rank || a.at - b.at);
  return found.slice(0, MOST).map(({ one }) => one);
}

/** A day as it is written: 30/06/2025. */
export function dayText(day: string): string {
  return day.split("-").reverse().join("/");
}
