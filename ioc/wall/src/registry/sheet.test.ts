import { expect, it } from "vitest";
import { inOrder, mendable, readDryRun } from "./sheet";

const BODY = {
  id: "i1",
  headings: [{ heading: "Nhãm", message: "unknown", near: "Nhãn" }],
  rows: [
    { row: 2, code: "a", outcome: "new", cells: [] },
    {
      row: 3,
      code: "b",
      outcome: "refused",
      mendable: true,
      cells: [
        {
          column: "Vị trí",
          message: "swapped",
          offer: { text: "15.88, 108.33", position: [108.33, 15.88] },
        },
      ],
    },
    { row: 4, code: "c", outcome: "changed", cells: [{ column: "area", message: "guessed", offer: null }] },
    { row: 5, code: "d", outcome: "new", cells: null },
  ],
};

it("reads a dry run, and counts where the server does not", () => {
  const run = readDryRun(BODY);
  expect(run.counts).toEqual({ refused: 1, changed: 1, new: 2, same: 0 });
  expect(run.rows[1]?.cells[0]).toEqual({ column: "Vị trí", message: "swapped", offer: "15.88, 108.33" });
  expect(mendable(run)).toBe(1);
  expect(run.headings).toEqual([{ heading: "Nhãm", message: "unknown" }]);
  expect(readDryRun({ counts: { new: 9_000 } }).counts.new).toBe(9_000);
  expect(readDryRun(null)).toMatchObject({ id: "", rows: [], headings: [] });
});

it("shows first what a person has to look at", () => {
  const { rows } = readDryRun(BODY);
  expect(inOrder(rows, "").map(({ code }) => code)).toEqual(["b", "c", "a", "d"]);
  expect(inOrder(rows, "new").map(({ code }) => code)).toEqual(["a", "d"]);
});
