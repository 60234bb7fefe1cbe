/** The units that can be responsible: asked for once, named everywhere. */

import { getJson } from "../api";
import { type Person, readPeople } from "../duty/week";
import { language } from "../i18n/language";
import { isJson, type Json, number, text } from "../model";

export interface Unit {
  code: string;
  name: string;
  nameEn: string;
  centre: string;
  up: string;
  /** Whether its teams and rosters are the reader's to see. */
  mine: boolean;
  open: number;
  late: number;
  /** Who is told of its work now; null where that was not asked for or is not the reader's to see. */
  onDuty: Person[] | null;
}

export function readUnits(body: unknown): Unit[] {
  const list = Array.isArray(body) ? body : isJson(body) && Array.isArray(body.units) ? body.units : [];
  return list.filter(isJson).map((one: Json) => ({
    code: text(one.code),
    name: text(one.name, text(one.code)),
    nameEn: text(one.name_en) || text(one.name, text(one.code)),
    centre: text(one.centre),
    up: text(one.up),
    mine: one.mine !== false,
    open: number(one.open) ?? 0,
    late: number(one.late) ?? 0,
    onDuty: Array.isArray(one.on_duty) ? readPeople(one.on_duty) : null,
  }));
}

let known = new Map<string, Unit>();
let asked: Promise<Unit[]> | null = null;

export function keepUnits(list: readonly Unit[]): void {
  known = new Map(list.map((one) => [one.code, one]));
}

/** All units. What could not be loaded is asked for again the next time. */
export function loadUnits(): Promise<Unit[]> {
  asked ??= getJson("/api/v1/units").then(
    (body) => {
      const list = readUnits(body);
      keepUnits(list);
      return list;
    },
    (error: unknown) => {
      asked = null;
      throw error;
    },
  );
  return asked;
}

/** The unit's name in the reader's language, or its code where it is not known yet. */
export function unitName(code: string): string {
  const unit = known.get(code);
  if (!unit) return code;
  return language() === "vi" ? unit.name : unit.nameEn;
}

export function unitOptions(list: readonly Unit[], without = ""): [string, string][] {
  return list
    .filter((one) => one.code !== without)
    .map((one): [string, string] => [one.code, language() === "vi" ? one.name : one.nameEn])
    .sort(([, a], [, b]) => a.localeCompare(b, language()));
}
