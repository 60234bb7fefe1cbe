import { isJson, type Json, number, text } from "../model";

export const OUTCOMES = ["refused", "changed", "new", "same"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What is said of a cell of the sheet, and what could stand in it instead; empty: nothing is offered. */
export interface Cell {
  column: string;
  message: string;
  offer: string;
}

/** A row of the sheet, and what would become of it. */
export interface Row {
  row: number;
  code: string;
  outcome: string;
  /** Whether it is written where its offers are taken. */
  mendable: boolean;
  cells: Cell[];
}

/** A heading that means nothing here, so that its column is not read. */
export interface Heading {
  heading: string;
  message: string;
}

/** The dry run of an import: nothing is written yet. */
export interface DryRun {
  id: string;
  rows: Row[];
  headings: Heading[];
  counts: Record<string, number>;
}

function readRow(one: Json): Row {
  const cells = Array.isArray(one.cells) ? one.cells.filter(isJson) : [];
  return {
    row: number(one.row) ?? 0,
    code: text(one.code),
    outcome: text(one.outcome, "refused"),
    mendable: one.mendable === true,
    cells: cells.map((cell) => ({
      column: text(cell.column),
      message: text(cell.message),
      offer: isJson(cell.offer) ? text(cell.offer.text) : "",
    })),
  };
}

function countsOf(value: unknown, rows: readonly Row[]): Record<string, number> {
  const told = isJson(value) ? value : {};
  return Object.fromEntries(
    OUTCOMES.map((outcome) => [
      outcome,
      number(told[outcome]) ?? rows.filter((row) => row.outcome === outcome).length,
    ]),
  );
}

export function readDryRun(body: unknown): DryRun {
  const of = isJson(body) ? body : {};
  const rows = Array.isArray(of.rows) ? of.rows.filter(isJson).map(readRow) : [];
  const headings = Array.isArray(of.headings) ? of.headings.filter(isJson) : [];
  return {
    id: text(of.id),
    rows,
    headings: headings.map((one) => ({ heading: text(one.heading), message: text(one.message) })),
    counts: countsOf(of.counts, rows),
  };
}

/** How many rows their offers would mend. */
export function mendable(run: DryRun): number {
  return run.rows.filter((row) => row.mendable).length;
}

/** What comes before a reader first: refused rows, then those with something said of a cell, then the others. */
export function inOrder(rows: readonly Row[], outcome: string): Row[] {
  const weight = (row: Row) => (row.outcome === "refused" ? 0 : row.cells.length > 0 ? 1 : 2);
  return rows
    .filter((row) => outcome === "" || row.outcome === outcome)
    .sort((one, other) => weight(one) - weight(other) || one.row - other.row);
}
