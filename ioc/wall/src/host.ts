import type { Session } from "./api";
import type { Board } from "./board";
import type { Position, Severity } from "./model";
import type { Silences } from "./work/silences";

/** A lettered mark on the map: what a person chooses between, or the place that was pointed at. */
export interface MapMark {
  letter: string;
  position: Position;
  severity: Severity | null;
  label: string;
}

/** What is shown on the map of something that belongs to an incident: the incident, and its own place. */
export interface Located {
  incident: string;
  position: Position | null;
}

/** What the page lends to the views in its panel. */
export interface Host {
  readonly session: Session;
  readonly board: Board;
  readonly silences: Silences;
  openIncident(id: string): void;
  openTicket(id: string): void;
  fly(position: Position): void;
  /** Rings the incident on the map, and goes to the place. */
  locate(place: Located): void;
  /** The next incidents that are clicked, in the list or on the map, go to `take`; null ends that. */
  pickIncident(take: ((id: string) => void) | null): void;
  /** The next places that are clicked on the map go to `take`; null ends that. */
  pickPlace(take: ((place: Position) => void) | null): void;
  /** Shows where these cameras look, in place of those before. */
  showCameras(codes: readonly string[]): void;
  /** Shows these marks on the map in place of those before. */
  mark(marks: MapMark[]): void;
}

/** Roles that may take steps of incidents, enter reports and make silences; the server decides all the same. */
const WORKING = new Set(["admin", "operator", "district"]);

export function maySteps(session: { role: string }): boolean {
  return WORKING.has(session.role);
}
