import type { Session } from "./api";
import type { Board, Layer } from "./board";
import { byId, el, replace } from "./dom";
import type { Located } from "./host";
import { t } from "./i18n/language";
import type { Picked, WallMap } from "./map/map";
import type { Position } from "./model";

const MAP_SOURCE = {
  incident: "incidents",
  device: "devices",
  camera: "cameras",
  alarm: "incidents",
} as const;

/** A town and what is around it. */
const FOUND_ZOOM = 12;

/** The map of the page, which loads after the rest, and how it follows what is chosen. */
export class MapRoom {
  /** Null until it has loaded, and where it cannot be shown. */
  map: WallMap | null = null;
  /** What the panel shows of the map, and whether the map has gone there. */
  private located: (Located & { seen: boolean }) | null = null;
  private opened = false;

  constructor(
    private readonly session: Session,
    private readonly board: Board,
  ) {}

  /** @param panelOpen whether the panel beside the map is open */
  async load(pick: (picked: Picked) => void, panelOpen: () => boolean): Promise<void> {
    const root = byId("map");
    try {
      const { WallMap } = await import("./map/map");
      const covered = () => {
        // On a phone the panel hides all of the map, which then keeps its place.
        const width = panelOpen() ? byId("detail").offsetWidth : 0;
        return width < root.offsetWidth ? width : 0;
      };
      this.map = new WallMap(root, this.board, pick, covered);
      if (this.located) this.locate(this.located);
      this.open();
    } catch {
      document.body.dataset.map = "failed";
      replace(root, el("p", { class: "note" }, t("map.failed")));
    }
  }

  /** A whole snapshot has arrived: goes where the map could not go before. */
  complete(): void {
    this.open();
    if (this.located && !this.located.seen) this.locate(this.located);
  }

  changed(layers: readonly Layer[]): void {
    for (const layer of layers) if (layer !== "ticket") this.map?.changed(MAP_SOURCE[layer]);
  }

  /** Rings an incident on the map, outlines its area and goes there: to the place, else to the incident's own. */
  locate(place: Located): void {
    const incident = this.board.incidents.get(place.incident);
    const to = place.position ?? incident?.position ?? null;
    this.located = { ...place, seen: to !== null && this.map !== null };
    this.map?.choose(place.incident, incident?.areaCode);
    if (to) this.map?.fly(to);
  }

  /** Goes back to what is shown, after the map was moved by hand. */
  again(): void {
    if (this.located) this.locate(this.located);
  }

  /** Goes to a place that nothing lies at, and marks it until something else is found. */
  show(position: Position, label: string): void {
    this.map?.mark([{ letter: "◎", position, severity: null, label }]);
    this.map?.go(
      { centre: [position[0], position[1]], zoom: Math.max(this.map.view.zoom, FOUND_ZOOM) },
      700,
      true,
    );
  }

  /** Nothing is chosen any more. */
  unchoose(): void {
    this.located = null;
    this.map?.choose("");
  }

  /** A district's map opens on what is the district's, as soon as that is known. */
  private open(): void {
    if (this.opened || !this.map || !this.board.complete) return;
    this.opened = true;
    if (this.session.centre !== null) this.map.openOnScope();
  }
}
