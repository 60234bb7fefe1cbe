/** The arrangements of the wall that a person has named. Pure. */

import { isJson, type Position, position, text } from "../model";
import { type Filter, readFilter } from "../watch/filter";

export const MOST = 30;
export const LONGEST = 60;

export interface View {
  centre: Position;
  zoom: number;
}

export interface Layout {
  name: string;
  view: View;
  filter: Filter;
  heat: boolean;
  list: "incidents" | "tickets";
}

export interface Layouts {
  version: number;
  /** The name of the one with which the wall opens. */
  default: string | null;
  layouts: readonly Layout[];
}

export const NO_LAYOUTS: Layouts = { version: 0, default: null, layouts: [] };

function readOne(value: unknown): Layout | null {
  if (!isJson(value) || !isJson(value.view)) return null;
  const centre = position(value.view.centre);
  const { zoom } = value.view;
  const name = text(value.name);
  if (!centre || name === "" || typeof zoom !== "number") return null;
  return {
    name,
    view: { centre, zoom },
    filter: readFilter(value.filter),
    heat: value.heat === true,
    list: value.list === "tickets" ? "tickets" : "incidents",
  };
}

export function readLayouts(body: unknown): Layouts {
  if (!isJson(body) || !isJson(body.layout) || typeof body.version !== "number") return NO_LAYOUTS;
  const list = Array.isArray(body.layout.layouts) ? body.layout.layouts : [];
  return {
    version: body.version,
    default: text(body.layout.default) || null,
    layouts: list.map(readOne).filter((one) => one !== null),
  };
}

export function named(kept: Layouts, name: string | null): Layout | undefined {
  return kept.layouts.find((one) => one.name === name);
}

/** With one more, or with another in place of the one of that name. */
export function saved(kept: Layouts, layout: Layout): Layouts {
  const there = named(kept, layout.name) !== undefined;
  const layouts = there
    ? kept.layouts.map((one) => (one.name === layout.name ? layout : one))
    : [...kept.layouts, layout];
  return { ...kept, layouts };
}

export function renamed(kept: Layouts, from: string, to: string): Layouts {
  const layouts = kept.layouts.map((one) => (one.name === from ? { ...one, name: to } : one));
  return { ...kept, layouts, default: kept.default === from ? to : kept.default };
}

export function dropped(kept: Layouts, name: string): Layouts {
  const layouts = kept.layouts.filter((one) => one.name !== name);
  return { ...kept, layouts, default: kept.default === name ? null : kept.default };
}

/** Makes one the default, or none where it is that already. */
export function preferred(kept: Layouts, name: string): Layouts {
  return { ...kept, default: kept.default === name ? null : name };
}
