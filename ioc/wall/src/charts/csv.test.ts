import { expect, it } from "vitest";
import { csv, harmless, stamped } from "./csv";

it("begins nothing like a formula, and leaves numbers alone", () => {
  const told = ["=1+1", "@x", "a;=b", "\t=x", "-5.25", "-5 m", "Trạm, Ái", " +x", "＝x", 'say "=x'];
  expect(told.map(harmless)).toEqual([
    "'=1+1",
    "'@x",
    "a;'=b",
    // Both what begins the cell and what follows the tab.
    "'\t'=x",
    "-5.25",
    "'-5 m",
    "Trạm, Ái",
    "' +x",
    "'＝x",
    "say \"'=x",
  ]);
});

it("is written with quotes where they are needed, dots in numbers and a mark of UTF-8", () => {
  expect(
    csv(
      ["at", "giá trị"],
      [
        ["x,y", 1234.5],
        ['"', null],
        ["a\nb", -0.1],
      ],
    ),
  ).toBe('\ufeffat,giá trị\r\n"x,y",1234.5\r\n"""",\r\n"a\nb",-0.1\r\n');
});

it("writes times with their zone", () => {
  const at = Date.parse("2026-11-22T17:30:00Z");
  expect(stamped(at, 7 * 3_600_000)).toBe("2026-11-23T00:30:00+07:00");
  expect(stamped(at, -3.5 * 3_600_000)).toBe("2026-11-22T14:00:00-03:30");
  expect(stamped(at + 250, 0)).toBe("2026-11-22T17:30:00.250+00:00");
});
