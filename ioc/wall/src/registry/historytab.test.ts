import { expect, it } from "vitest";
import { readEntries } from "./historytab";

it("reads the history of a record, newest first, and stumbles over nothing", () => {
  const body = {
    entries: [
      {
        at: "2026-01-01T00:00:00Z",
        version: 1,
        by: "an",
        act: "made",
        changes: [{ field: "maker", before: null, after: "A" }],
      },
      { at: "2026-01-02T00:00:00Z", version: 2, by: "binh", act: "approved", reason: "seen", changes: null },
      "nothing",
    ],
  };
  const [newest, oldest, ...more] = readEntries(body);
  expect(newest).toMatchObject({ version: 2, by: "binh", reason: "seen", changes: [] });
  expect(oldest?.changes).toEqual([{ field: "maker", before: null, after: "A" }]);
  expect(more).toEqual([]);
  expect(readEntries(null)).toEqual([]);
});
