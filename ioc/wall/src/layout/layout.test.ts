import { expect, test } from "vitest";
import { NOTHING_CHOSEN } from "../watch/filter";
import { dropped, type Layout, NO_LAYOUTS, named, preferred, readLayouts, renamed, saved } from "./layout";

const layout = (name: string, zoom = 9): Layout => ({
  name,
  view: { centre: [108, 15], zoom },
  filter: NOTHING_CHOSEN,
  heat: false,
  list: "incidents",
});

test("layouts are added, replaced, renamed and dropped, and the default goes with its name", () => {
  const two = saved(saved(NO_LAYOUTS, layout("Lũ")), layout("Ca đêm"));
  expect(two.layouts.map(({ name }) => name)).toEqual(["Lũ", "Ca đêm"]);
  expect(named(saved(two, layout("Lũ", 12)), "Lũ")?.view.zoom).toBe(12);
  const night = preferred(two, "Ca đêm");
  expect(night.default).toBe("Ca đêm");
  expect(preferred(night, "Ca đêm").default).toBeNull();
  expect(renamed(night, "Ca đêm", "Đêm").default).toBe("Đêm");
  expect(renamed(night, "Lũ", "Bão").default).toBe("Ca đêm");
  expect(dropped(night, "Ca đêm")).toEqual({ ...saved(NO_LAYOUTS, layout("Lũ")), default: null });
});

test("what is kept is checked", () => {
  const body = {
    version: 3,
    layout: { default: "Lũ", layouts: [layout("Lũ"), { name: "x" }, null, { ...layout("y"), list: "fish" }] },
  };
  const kept = readLayouts(body);
  expect(kept.version).toBe(3);
  expect(kept.layouts.map(({ name, list }) => [name, list])).toEqual([
    ["Lũ", "incidents"],
    ["y", "incidents"],
  ]);
  expect(readLayouts(null)).toEqual(NO_LAYOUTS);
});
