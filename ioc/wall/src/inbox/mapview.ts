/** The small map of a ticket, drawn from lines that the phone keeps: no tiles, no library. */

import { el, svg } from "../dom";
import { far, GRID, geoLink, metres, onGrid, outlineOf, pathOf } from "./ground";
import { language, t } from "./words";

const CLOSED = new Set(["area", "land"]);
const ORDER = ["land", "area", "coast", "river", "rail", "road"];

function drawing(
  value: unknown,
  at: readonly [number, number],
  mine: readonly [number, number] | null,
): Element {
  const outline = outlineOf(value);
  if (outline === null) return el("p", { class: "dim" }, t("nomap"));
  const picture = svg("svg", {
    viewBox: `0 0 ${GRID} ${GRID}`,
    role: "img",
    "aria-label": t("maplabel"),
    class: "ground",
  });
  const pieces = [...outline.pieces].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  for (const piece of pieces) {
    const d = piece.lines.map((line) => pathOf(line, CLOSED.has(piece.kind))).join("");
    picture.append(svg("path", { d, class: `g-${piece.kind}` }));
  }
  for (const piece of pieces) {
    const [line] = piece.lines;
    if (piece.kind !== "area" || line === undefined) continue;
    const [x, y] = middle(line);
    picture.append(svg("text", { x, y, class: "g-name" }, piece.name));
  }
  const [x, y] = onGrid(outline, at);
  picture.append(svg("path", { d: `M${x} ${y}l-26 -60a30 30 0 1 1 52 0z`, class: "g-pin" }));
  if (mine !== null) {
    const [mx, my] = onGrid(outline, mine);
    picture.append(svg("circle", { cx: mx, cy: my, r: 20, class: "g-me" }));
  }
  return picture;
}

function middle(line: readonly number[]): [number, number] {
  let [x, y] = [0, 0];
  const points = Math.floor(line.length / 2);
  for (let at = 0; at < points; at += 1) {
    x += line[2 * at] ?? 0;
    y += line[2 * at + 1] ?? 0;
  }
  return [Math.round(x / points), Math.round(y / points)];
}

/** Where the phone is, as it said last; `failed`: it does not say. */
let mine: [number, number] | null = null;
let failed = false;

/** Asks the phone where it is, which asks the person; `changed` is called once it has answered. */
function locate(changed: () => void): void {
  navigator.geolocation.getCurrentPosition(
    (found) => {
      mine = [found.coords.longitude, found.coords.latitude];
      failed = false;
      changed();
    },
    () => {
      failed = true;
      changed();
    },
    { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
  );
}

function distance(at: readonly [number, number]): string {
  const locale = language() === "vi" ? "vi-VN" : "en-GB";
  if (mine !== null) return t("away", { far: far(metres(mine, at), locale) });
  return failed ? t("noplace") : "";
}

/** The map, how far it is for whoever allows that, and a link to the phone's own map. */
export function mapView(value: unknown, at: readonly [number, number], changed: () => void): HTMLElement {
  const ask = () => locate(changed);
  return el(
    "div",
    {},
    drawing(value, at, mine),
    el("p", { class: "dim", attributes: { role: "status" } }, distance(at)),
    el(
      "div",
      { class: "row" },
      el("a", { class: "button", attributes: { href: geoLink(at) } }, t("openmap")),
      "geolocation" in navigator &&
        el(
          "button",
          { attributes: { type: "button" }, data: { act: "locate" }, on: { click: ask } },
          t("whereami"),
        ),
    ),
  );
}
