import type { Session } from "../api";
import type { Key } from "../i18n/language";
import type { Position } from "../model";
import type { Family, Thing } from "./thing";

/** A lettered or numbered place on the map. */
export interface Spot {
  sign: string;
  position: Position;
  label: string;
}

/** The map as panels use it; what is asked before it is loaded is done then. */
export interface Ground {
  /** Keeps the map before the reader on a narrow screen, too. */
  reveal(shown: boolean): void;
  go(place: Position): void;
  /** The middle of what is shown; null while there is no map. */
  middle(): Position | null;
  /** The next clicks are places; null: they choose things again. */
  point(take: ((place: Position) => void) | null): void;
  /** A pin in place of the one before; null: none. */
  pin(place: Position | null): void;
  /** An area, such as what a camera sees, and spots, in place of those before. */
  draw(ring: readonly Position[], spots?: readonly Spot[]): void;
}

/** What the page lends to its panels. */
export interface Desk {
  readonly session: Session;
  /** Whether the reader's role may change the register; the server decides all the same. */
  readonly keeps: boolean;
  readonly ground: Ground;
  /** Goes to a record. */
  open(family: Family, code: string, tab?: string): void;
  /** Takes a record that has changed into the list and the map. */
  take(thing: Thing): void;
  /** Reads the list anew. */
  reload(): void;
  /** Says a sentence at the head of the page. */
  say(words: string): void;
}

/** A part of a record that is before the reader. */
export interface Shown {
  root: HTMLElement;
  /** Called when something else takes its place: timers, streams, and what it drew on the map. */
  close?: () => void;
  /** Draws itself in the language that was switched to; what is typed in it stays. */
  speak?: () => void;
  /** Whether that is true of what is in it now; without it, it is. */
  speaks?: () => boolean;
}

/** A part of a record, beside others under its head. */
export interface Tab {
  id: string;
  /** Its name for the reader, on the way that leads to it. */
  named: Key;
  fits: (thing: Thing, desk: Desk) => boolean;
  show: (thing: Thing, desk: Desk) => Shown;
}

/** A part of the page in place of a record. */
export interface Room {
  id: string;
  /** Its name for the reader, on the way that leads to it. */
  named: Key;
  fits: (desk: Desk) => boolean;
  show: (desk: Desk) => Shown;
}
