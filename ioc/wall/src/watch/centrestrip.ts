import { getJson, type Session } from "../api";
import type { Board } from "../board";
import { shownNow } from "../clock";
import { el, replace } from "../dom";
import { duration } from "../format";
import { language, t } from "../i18n/language";
import { text } from "../model";
import {
  CALM_COLOUR,
  CAMERA_SHAPE,
  CROSS,
  lineIcon,
  OTHER_STATION,
  severityIcon,
  TROUBLE_COLOUR,
} from "../shapes";
import {
  type CentreCount,
  centreNames,
  countCentres,
  countLate,
  type Link,
  readLinks,
  shortNames,
} from "./centres";

const EVERY_MS = 10_000;
/** How soon the first answer is asked for once the stream is alive. */
const LOOK_MS = 500;
/** What was told longer ago is not shown as the state of now. */
const OLD_MS = 35_000;

const DOT = "M12 6A6 6 0 1 1 12 18A6 6 0 1 1 12 6Z";

interface Cell {
  code: string;
  name: string;
  count: CentreCount;
  /** How many of its tickets are late. */
  late: number;
  link: string;
  /** How long ago it was heard, in words; null where it never was. */
  age: string | null;
}

/** Each centre in a cell: the worst that is open in it, who waits, what is late, and how it is linked. */
export class CentreStrip {
  private links = new Map<string, Link>();
  private toldAt: number | null = null;
  private drawn = "";
  /** What the board holds of each centre; null: it has changed since that was counted. */
  private counts: Map<string, CentreCount> | null = null;
  private active = 0;
  private readonly codes: string[];
  private readonly nameOf: (code: string) => string;

  /**
   * @param only shows the incidents of one centre alone
   * @param chosen the centres that the filter shows
   */
  constructor(
    readonly root: HTMLElement,
    session: Session,
    private readonly board: Board,
    private readonly only: (code: string) => void,
    private readonly chosen: () => readonly string[],
  ) {
    this.codes = session.centres.map((centre) => text(centre.code)).filter((code) => code !== "");
    this.nameOf = centreNames(session);
    this.root.setAttribute("role", "toolbar");
    this.root.hidden = this.codes.length === 0 || !session.sees.includes("device");
    this.root.addEventListener("keydown", (event) => this.key(event));
  }

  /** Asks now and then how the centres are linked; what is counted comes from the board. */
  start(alive: () => boolean): void {
    if (this.root.hidden) return;
    let next = 0;
    setInterval(() => {
      const now = performance.now();
      if (now < next || !alive()) return;
      next = now + EVERY_MS;
      // What was told last stays until it is too old.
      this.look().catch(() => undefined);
    }, LOOK_MS);
  }

  /** The board holds something else: it is counted anew with the next look, and not before. */
  changed(): void {
    this.counts = null;
  }

  /** Called each second: of twenty thousand stations nothing is counted again while nothing has changed. */
  render(): void {
    if (this.root.hidden) return;
    const now = shownNow();
    this.counts ??= countCentres(this.board, this.codes);
    const { counts } = this;
    const late = countLate(this.board.tickets.values(), now);
    const told = this.toldAt !== null && performance.now() - this.toldAt < OLD_MS;
    const cells = this.codes.map((code) => {
      const link = told ? this.links.get(code) : undefined;
      const age = link?.heardAt === undefined || link.heardAt === null ? null : duration(now - link.heardAt);
      return {
        code,
        count: counts.get(code),
        late: late.get(code) ?? 0,
        link: told ? (link?.state ?? "none") : "unknown",
        age,
      };
    });
    const drawn = JSON.stringify([language(), this.chosen(), cells]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const had = this.root.contains(document.activeElement);
    this.root.setAttribute("aria-label", t("centres.label"));
    const names = shortNames(this.codes.map(this.nameOf));
    replace(
      this.root,
      ...cells.map(
        ({ count, ...cell }, at) => count && this.cell({ ...cell, count, name: names[at] ?? cell.code }),
      ),
    );
    this.rove(had);
  }

  private async look(): Promise<void> {
    const links = readLinks(await getJson("/api/v1/centres/state"));
    if (links === null) return;
    this.links = links;
    this.toldAt = performance.now();
    this.render();
  }

  private cell({ code, name, count, late, link, age }: Cell): HTMLElement {
    const pressed = this.chosen().includes(code);
    const linked = t(`link.${link}` as "link.live");
    // The name is seen and heard, for who speaks to the page (WCAG 2.5.3); the figures are heard in whole words.
    const told = { "aria-hidden": "true" };
    const words = [
      this.nameOf(code),
      t("centres.open", { count: count.open }),
      t("centres.waiting", { count: count.waiting }),
      t("centres.late", { count: late }),
      t("centres.devices", { good: count.fresh, all: count.devices }),
      t("centres.cameras", { good: count.live, all: count.cameras }),
      age === null ? linked : `${linked}, ${t("centres.heard", { age })}`,
    ];
    return el(
      "button",
      {
        class: "centrecell",
        attributes: {
          type: "button",
          "aria-pressed": String(pressed),
          title: words.join("\n"),
        },
        data: { centre: code, link },
        on: { click: () => this.only(code) },
      },
      el("span", { class: "spoken" }, `${words.join(", ")}. `),
      el(
        "span",
        {},
        el("span", { class: "centrename" }, name),
        el(
          "span",
          { attributes: told, class: count.worst ? `centreopen text-${count.worst}` : "centreopen" },
          count.worst && severityIcon(count.worst, count.worstWaits),
          el("b", {}, String(count.open)),
        ),
      ),
      el(
        "span",
        { attributes: told },
        el(
          "span",
          { class: "centrework" },
          count.waiting > 0 && el("span", {}, t("centres.waiting", { count: count.waiting })),
          late > 0 && el("span", { class: "late" }, t("centres.late", { count: late })),
        ),
        share(CAMERA_SHAPE, count.live, count.cameras),
      ),
      el(
        "span",
        { attributes: told },
        el("span", { class: "centrelink" }, linkIcon(link), age ?? linked),
        share(OTHER_STATION, count.fresh, count.devices),
      ),
    );
  }

  private rove(focus: boolean): void {
    const cells = [...this.root.querySelectorAll<HTMLElement>("button")];
    cells.forEach((cell, at) => {
      cell.tabIndex = at === this.active ? 0 : -1;
    });
    if (focus) cells[this.active]?.focus();
  }

  private key(event: KeyboardEvent): void {
    const last = this.codes.length - 1;
    const steps: Record<string, number> = {
      ArrowRight: Math.min(this.active + 1, last),
      ArrowLeft: Math.max(this.active - 1, 0),
      Home: 0,
      End: last,
    };
    const to = steps[event.key];
    if (to === undefined) return;
    this.active = to;
    this.rove(true);
    event.preventDefault();
  }
}

/** A full dot: heard; a ring: overdue; a cross: silent. */
function linkIcon(link: string): SVGElement {
  if (link === "live") return lineIcon(DOT, CALM_COLOUR, true);
  if (link === "late") return lineIcon(DOT, TROUBLE_COLOUR);
  return link === "silent" ? lineIcon(CROSS, TROUBLE_COLOUR) : lineIcon("M7 12H17", CALM_COLOUR);
}

function share(shape: string, good: number, all: number): HTMLElement | false {
  const mood = good < all ? "share trouble" : "share";
  return all > 0 && el("span", { class: mood }, lineIcon(shape), t("kpi.of", { good, all }));
}
