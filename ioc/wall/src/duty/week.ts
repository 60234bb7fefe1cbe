/** Days, weeks and times on duty, in the centre's time zone. Pure but for the zone that the page has set. */

import { zoneOffset } from "../format";
import { isJson, type Json, number, text, time } from "../model";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface Person {
  login: string;
  /** Empty: the account is gone or disabled. */
  name: string;
}

export interface Team {
  unit: string;
  code: string;
  name: string;
  members: Person[];
  version: number;
}

/** A time on duty for a unit: of a person, or of all members of a team. */
export interface Duty {
  id: string;
  series: string;
  unit: string;
  team: string;
  login: string;
  /** Of the person or the team; empty: gone. */
  name: string;
  starts: number;
  until: number;
  note: string;
}

/** Who may work for a unit, who is told of its work now, and because of what. */
export interface Crew {
  people: Person[];
  onDuty: Person[];
  /** duty: by the roster, team: as members of its teams, instead: because nobody was named. */
  by: string;
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : []);
const members = (body: unknown, name: string) => (isJson(body) ? list(body[name]) : []);

export function readPeople(value: unknown): Person[] {
  return list(value)
    .map((one) => ({ login: text(one.login), name: text(one.name) }))
    .filter((one) => one.login !== "");
}

export function readTeams(body: unknown): Team[] {
  return members(body, "teams").map((one) => ({
    unit: text(one.unit),
    code: text(one.code),
    name: text(one.name, text(one.code)),
    members: readPeople(one.members),
    version: number(one.version) ?? 0,
  }));
}

export function readDuties(body: unknown): Duty[] {
  return members(body, "duties").flatMap((one) => {
    const [starts, until] = [time(one.from), time(one.until)];
    if (starts === null || until === null) return [];
    const { id, series, unit, team, login, name, note } = one;
    return [
      {
        id: text(id),
        series: text(series),
        unit: text(unit),
        team: text(team),
        login: text(login),
        name: text(name),
        starts,
        until,
        note: text(note),
      },
    ];
  });
}

export function readCrew(body: unknown): Crew {
  const of = isJson(body) ? body : {};
  return { people: readPeople(of.people), onDuty: readPeople(of.on_duty), by: text(of.by) };
}

/** The local day of an instant, YYYY-MM-DD. */
export function dayOf(ms: number): string {
  return new Date(ms + zoneOffset(ms)).toISOString().slice(0, 10);
}

/** The instant of a local time as a form field has it, `YYYY-MM-DDTHH:MM`; null where it is none. */
export function instantOf(local: string): number | null {
  const naive = Date.parse(`${local}Z`);
  return Number.isNaN(naive) ? null : naive - zoneOffset(naive);
}

/** `YYYY-MM-DDTHH:MM` of an instant, for a form field. */
export function fieldOf(ms: number): string {
  return new Date(ms + zoneOffset(ms)).toISOString().slice(0, 16);
}

/** So many days after a local day. */
export function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** 1 is Monday, 7 is Sunday. */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00Z`).getUTCDay() || 7;
}

/** The seven local days of the week in which a local day is, from Monday. */
export function weekOf(day: string): string[] {
  const monday = daysAfter(day, 1 - weekdayOf(day));
  return [0, 1, 2, 3, 4, 5, 6].map((after) => daysAfter(monday, after));
}

/** From when until when a time on duty lies within a local day, null where it does not. */
export function within(duty: Duty, day: string): { from: number; to: number } | null {
  const begins = instantOf(`${day}T00:00`) ?? 0;
  const ends = instantOf(`${daysAfter(day, 1)}T00:00`) ?? 0;
  const [from, to] = [Math.max(duty.starts, begins), Math.min(duty.until, ends)];
  return from < to ? { from, to } : null;
}

/** Who stands in the rows of the grid: each person and each team once, in the order of their first time. */
export function rowsOf(duties: readonly Duty[]): { key: string; first: Duty; duties: Duty[] }[] {
  const rows = new Map<string, { key: string; first: Duty; duties: Duty[] }>();
  for (const duty of [...duties].sort((a, b) => a.starts - b.starts)) {
    const key = duty.login === "" ? `@${duty.team}` : duty.login;
    const row = rows.get(key);
    if (row) row.duties.push(duty);
    else rows.set(key, { key, first: duty, duties: [duty] });
  }
  return [...rows.values()];
}

/**
 * The hours of a day in which nobody is on duty, as local hours from and until.
 *
 * @param duties those that touch the day
 */
export function gapsOf(duties: readonly Duty[], day: string): { from: number; to: number }[] {
  const begins = instantOf(`${day}T00:00`) ?? 0;
  const ends = instantOf(`${daysAfter(day, 1)}T00:00`) ?? 0;
  const gaps: { from: number; to: number }[] = [];
  let covered = begins;
  const spans = duties.flatMap((one) => within(one, day) ?? []).sort((a, b) => a.from - b.from);
  for (const { from, to } of spans) {
    if (from > covered) gaps.push({ from: covered, to: from });
    covered = Math.max(covered, to);
  }
  if (covered < ends) gaps.push({ from: covered, to: ends });
  return gaps;
}

export interface Shift {
  days: readonly number[];
  /** Local times HH:MM; `to` at or before `from` is on the next day. */
  from: string;
  to: string;
  first: string;
}

/** The first times of a shift that comes back every week: one for each of its weekdays, from a local day on. */
export function shiftsOf(shift: Shift): { starts: number; until: number }[] {
  const found: { starts: number; until: number }[] = [];
  for (let after = 0; after < 7; after += 1) {
    const day = daysAfter(shift.first, after);
    if (!shift.days.includes(weekdayOf(day))) continue;
    const last = shift.to <= shift.from ? daysAfter(day, 1) : day;
    const [starts, until] = [instantOf(`${day}T${shift.from}`), instantOf(`${last}T${shift.to}`)];
    if (starts !== null && until !== null) found.push({ starts, until });
  }
  return found;
}
