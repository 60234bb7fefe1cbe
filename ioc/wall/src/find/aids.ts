import type { Session } from "../api";
import type { Board } from "../board";
import { el } from "../dom";
import { type Key, onLanguage, t } from "../i18n/language";
import { Kiosk } from "../kiosk/kiosk";
import type { Layout } from "../layout/layout";
import { LayoutSheet } from "../layout/sheet";
import type { LiveStatus } from "../live";
import type { MapRoom } from "../located";
import type { Openings } from "../openings";
import type { PastRoom } from "../past/room";
import { lineIcon } from "../shapes";
import type { FilterBar } from "../watch/filterbar";
import { PAGE_KEYS, type PageKey } from "../work/keys";
import type { Toolbar } from "../work/toolbar";
import { Finder } from "./finder";
import type { Found } from "./found";

const SEARCH_SHAPE = "M10 4a6 6 0 1 0 0 12a6 6 0 0 0 0-12ZM14.5 14.5 20.5 20.5";
const LAYOUT_SHAPE = "M3.5 4.5H20.5V19.5H3.5ZM14.5 4.5V19.5M14.5 12H20.5";

/** What the search, the kiosk and the layouts need of the page. */
export interface Wanted {
  readonly session: Session;
  readonly board: Board;
  readonly past: PastRoom;
  readonly room: MapRoom;
  readonly openings: Openings;
  readonly filter: FilterBar;
  readonly toolbar: Toolbar;
  status(): LiveStatus;
  /** Shows tickets in place of incidents, or incidents again. */
  turn(): void;
  on(what: PageKey, deed: () => void): void;
}

/** The search, the kiosk and the layouts of a page. */
export class Aids {
  readonly kiosk: Kiosk;
  private readonly layouts: LayoutSheet;

  constructor(private readonly page: Wanted) {
    const { session, board, past, room } = page;
    const status = () => page.status();
    const finder = new Finder({
      board: past.living,
      live: () => status().state === "live",
      open: (found) => this.open(found),
      go: (position, label) => room.show(position, label),
    });
    this.kiosk = new Kiosk({
      session,
      board,
      map: () => room.map,
      status,
      clear: () => this.clear(),
      home: () => {
        room.unchoose();
        room.map?.goHome();
      },
    });
    this.layouts = new LayoutSheet({
      present: (name) => this.present(name),
      use: (layout) => this.arrange(layout),
    });
    page.on("kiosk", () => this.kiosk.enter());
    this.offer("search", "find.title", SEARCH_SHAPE, () => finder.open());
    this.offer("layouts", "layout.title", LAYOUT_SHAPE, () => this.layouts.open());
  }

  /** The map is there: the wall opens as this person wants it, unless something is shown already. */
  async begin(): Promise<void> {
    if (!this.kiosk.shows && !this.page.openings.panel.isOpen) await this.layouts.begin();
  }

  /** A key of the page, and a button beside the filter. */
  private offer(what: PageKey, words: Key, shape: string, deed: () => void): void {
    this.page.on(what, deed);
    const button = el(
      "button",
      {
        class: "quiet aid",
        attributes: { type: "button", "aria-keyshortcuts": PAGE_KEYS[what] },
        data: { testid: `tool-${what}` },
        on: { click: deed },
      },
      lineIcon(shape),
    );
    const name = () => {
      button.setAttribute("aria-label", t(words));
      button.title = t("tools.key", { what: t(words), key: PAGE_KEYS[what] });
    };
    name();
    onLanguage(name);
    this.page.filter.beside(button);
  }

  private open({ kind, id, position }: Found): void {
    const { openings, room } = this.page;
    room.map?.mark([]);
    if (kind === "ticket") openings.openTicket(id);
    else if (kind === "incident" || kind === "device" || kind === "camera") {
      openings.open({ layer: kind, id });
      if (kind !== "incident" && position) room.map?.fly(position);
    }
  }

  private clear(): void {
    const { past, openings } = this.page;
    if (past.active) past.toggle();
    if (openings.panel.isOpen) openings.panel.dismiss();
  }

  private present(name: string): Layout {
    const { room, filter, toolbar } = this.page;
    const { map } = room;
    const view = map?.view ?? { centre: [108, 15.6], zoom: 8 };
    const list = toolbar.tickets ? "tickets" : "incidents";
    return { name, view, filter: filter.state, heat: map?.heat ?? false, list };
  }

  private arrange({ view, filter, heat, list }: Layout): void {
    const { map } = this.page.room;
    this.page.filter.set(filter);
    if (map && map.heat !== heat) map.toggleHeat();
    if (this.page.toolbar.tickets !== (list === "tickets")) this.page.turn();
    map?.go(view);
  }
}
