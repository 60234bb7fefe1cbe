import { describe, expect, it } from "vitest";
import { Watch } from "./watch";

describe("what changed in a table", () => {
  const watch = () => new Watch<{ value: number }>((a, b) => a.value === b.value);

  it("is told once, and not where it looks the same", () => {
    const one = watch();
    const table = new Map([["a", { value: 1 }]]);
    one.learn(table);
    expect(one.look(table)).toEqual([]);
    table.set("a", { value: 1 });
    table.set("b", { value: 2 });
    expect(one.look(table)).toEqual([{ id: "b", before: undefined, now: { value: 2 } }]);
    table.set("b", { value: 3 });
    expect(one.look(table)).toEqual([{ id: "b", before: { value: 2 }, now: { value: 3 } }]);
    expect(one.look(table)).toEqual([]);
  });

  it("is also what is gone", () => {
    const one = watch();
    const table = new Map([["a", { value: 1 }]]);
    one.learn(table);
    table.delete("a");
    expect(one.look(table)).toEqual([{ id: "a", before: { value: 1 }, now: undefined }]);
  });
});
