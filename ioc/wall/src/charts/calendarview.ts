import { el, setText, svg } from "../dom";
import { dayMonth, moment, quantity } from "../format";
import { t } from "../i18n/language";
import { type Day, gradeOf, moved, type Slot, shareOf } from "./calendar";
import type { Content } from "./card";
import { dated } from "./card";
import { stamped } from "./csv";

const LEFT = 60;
const TOP = 30;
const ROW = 20;
const BOTTOM = 8;

export interface Wanted {
  name: string;
  property: string;
  device: string;
  code: string;
  days: readonly Day[];
  now: number;
  width: number;
  offset: number;
}

const percent = (share: number) => `${quantity(Math.round(share * 100))} %`;

function slotWords(slot: Slot, now: number): string {
  const at = moment(slot.at, now);
  if (slot.share === null) return t("charts.calendar.unknown", { at });
  const words = { at, share: percent(slot.share), count: quantity(slot.count) };
  const doubtful = slot.doubtful > 0 ? ` · ${t("charts.calendar.doubtful", { count: slot.doubtful })}` : "";
  return t("charts.calendar.slot", words) + doubtful;
}

function cell(slot: Slot, x: number, y: number, width: number, now: number): SVGElement {
  const grade = gradeOf(slot.share);
  const [right, bottom] = [x + width - 2, y + ROW - 2];
  // Beside the colour: a stroke where some is missing, a cross where all is.
  const strokes =
    grade === "some"
      ? `M${x + 2} ${bottom}L${right - 2} ${y}`
      : grade === "none"
        ? `M${x + 2} ${y}L${right - 2} ${bottom}M${x + 2} ${bottom}L${right - 2} ${y}`
        : "";
  return svg(
    "g",
    { class: `slot ${grade}`, role: "gridcell", tabindex: "-1", "aria-label": slotWords(slot, now) },
    svg("rect", { x, y, width: width - 2, height: ROW - 2 }),
    strokes ? svg("path", { d: strokes }) : null,
    slot.share === null
      ? null
      : svg(
          "text",
          { x: x + width / 2 - 1, y: y + ROW - 6, "text-anchor": "middle", "aria-hidden": "true" },
          String(Math.round(slot.share * 100)),
        ),
  );
}

/** One cell can be reached by Tab, the others from it by arrows. */
function keys(drawing: SVGElement, cells: SVGElement[][], tell: (day: number, hour: number) => void): void {
  const last = cells.length - 1;
  cells[last]?.[0]?.setAttribute("tabindex", "0");
  const place = (element: EventTarget | null): [number, number] | null => {
    const day = cells.findIndex((row) => row.some((one) => one === element));
    const hour = cells[day]?.indexOf(element as SVGElement) ?? -1;
    return hour < 0 ? null : [day, hour];
  };
  drawing.addEventListener("keydown", (event) => {
    const here = place(event.target);
    const there = here && moved(event.key, here[0], here[1], cells.length);
    if (!here || !there) return;
    event.preventDefault();
    cells[here[0]]?.[here[1]]?.setAttribute("tabindex", "-1");
    const next = cells[there[0]]?.[there[1]];
    next?.setAttribute("tabindex", "0");
    next?.focus();
  });
  const told = (event: Event) => {
    const group = event.target instanceof Element ? event.target.closest(".slot") : null;
    const here = place(group);
    if (here) tell(...here);
  };
  drawing.addEventListener("focusin", told);
  drawing.addEventListener("pointerover", told);
}

function grid(wanted: Wanted, tell: (slot: Slot) => void): SVGElement {
  const { days, width, now } = wanted;
  const step = (width - LEFT - 4) / 24;
  const cells = days.map((day, row) =>
    day.slots.map((slot, hour) => cell(slot, LEFT + hour * step, TOP + row * ROW, step, now)),
  );
  const every = step < 34 ? 3 : 1;
  const hours = Array.from({ length: 24 }, (_, hour) =>
    hour % every === 0
      ? svg("text", { x: LEFT + hour * step, y: TOP - 10, class: "axis" }, String(hour).padStart(2, "0"))
      : null,
  );
  const rows = days.map((day, row) => {
    const name = svg(
      "text",
      { x: LEFT - 8, y: TOP + row * ROW + 14, class: "axis", "text-anchor": "end", role: "rowheader" },
      dayMonth(day.at),
    );
    return svg("g", { role: "row" }, name, ...(cells[row] ?? []));
  });
  const drawing = svg(
    "svg",
    {
      viewBox: `0 0 ${width} ${TOP + days.length * ROW + BOTTOM}`,
      role: "grid",
      "aria-label": t("charts.calendar.grid"),
      class: "calendar",
    },
    svg("g", { "aria-hidden": "true" }, ...hours),
    ...rows,
  );
  keys(drawing, cells, (day, hour) => {
    const slot = days[day]?.slots[hour];
    if (slot) tell(slot);
  });
  return drawing;
}

/** How much of the expected data came in each hour; null where nothing is kept. */
export function calendarContent(wanted: Wanted): Content | null {
  const share = shareOf(wanted.days);
  if (share === null) return null;
  const readout = el(
    "p",
    { class: "readout", attributes: { "aria-live": "polite" } },
    t("charts.calendar.how"),
  );
  const slots = wanted.days.flatMap((day) => day.slots).filter((slot) => slot.share !== null);
  const bad = slots.filter((slot) => (slot.share ?? 1) < 0.75);
  const title = t("charts.calendar.title", { name: wanted.name, property: wanted.property });
  const drawing = grid(wanted, (slot) => setText(readout, slotWords(slot, wanted.now)));
  const key = (grade: string, words: string) => el("span", { class: `slotkey ${grade}` }, words);
  return {
    title,
    under: t("charts.calendar.under"),
    summary: t("charts.calendar.summary", { share: percent(share), hours: slots.length, bad: bad.length }),
    figure: el(
      "figure",
      { class: "chart" },
      readout,
      drawing,
      el(
        "figcaption",
        {},
        key("full", t("charts.calendar.full")),
        key("most", t("charts.calendar.most")),
        key("some", t("charts.calendar.some")),
        key("none", t("charts.calendar.none")),
        key("unknown", t("charts.calendar.nothing")),
      ),
    ),
    table: {
      heads: [t("charts.hour"), t("charts.calendar.share"), t("charts.calendar.values"), t("chart.doubtful")],
      names: ["hour", "coverage", "values", "doubtful"],
      rows: slots.map((slot) => ({
        cells: [stamped(slot.at, wanted.offset), slot.share, slot.count, slot.doubtful],
        shown: [dated(slot.at), percent(slot.share ?? 0), quantity(slot.count), quantity(slot.doubtful)],
      })),
    },
    name: `${wanted.device}-${wanted.code}-availability`,
  };
}
