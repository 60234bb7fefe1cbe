import "maplibre-gl/dist/maplibre-gl.css";
import {
  type ExpressionSpecification,
  type LngLat,
  Map as MapLibre,
  type MapMouseEvent,
  ScaleControl,
  setWorkerUrl,
  type VectorTileSource,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { toSignIn } from "../api";
import type { Board } from "../board";
import { el, replace } from "../dom";
import type { MapMark } from "../host";
import { type Key, t } from "../i18n/language";
import type { Position } from "../model";
import { Feeder } from "./feeder";
import { keepSharp, SCALE, scaleOf } from "./larger";
import { Legend } from "./legend";
import { paletteOf, themeNow } from "./palette";
import { GroupNote, hitAt, type Picked } from "./pointer";
import { type Corners, marginOf, scopeOf } from "./scope";
import { type LiveSource, mapStyle, tilesOf } from "./style";
import { Symbols } from "./symbols";
import { Marks } from "./views";

export type { Picked } from "./pointer";

/** Mainland Quảng Nam: west, south and east, north. */
const HOME: Corners = [
  [107.2, 14.9],
  [108.75, 16.15],
];
const HOANG_SA: Corners = [
  [111, 15.6],
  [113, 17.2],
];
const REACH: Corners = [
  [103, 12],
  [117, 20],
];
/** Devices may report a hundred times a second; the eye needs two. */
const CALM_MS = 500;
/** Where there are thousands of things incidents, too, are drawn at most so often. */
const CROWDED_MS = 250;
const MARGIN_PX = 24;
/** A centre with one station is still shown with what lies around it. */
const SCOPE_ZOOM = 12;
/** How long a symbol takes to come or go, too short to be seen. */
const FADE_MS = 50;
/** A group that is clicked opens by so many zooms. */
const OPENS_BY = 2;

/** A degree with five decimals is about a metre. */
const round = (degrees: number) => Math.round(degrees * 1e5) / 1e5;

/** The map: ground, areas and the many from the server's tiles, the rest from the live stream. */
export class WallMap {
  private readonly map: MapLibre;
  private readonly feeder: Feeder;
  private readonly symbols: Symbols;
  private readonly marks: Marks;
  private readonly note = new GroupNote();
  private ready = false;
  private warm = false;
  private shownCameras: readonly string[] = [];
  private areaCode = "";
  private timer: ReturnType<typeof setTimeout> | null = null;
  private hovering: number | null = null;
  private readonly legend = new Legend();
  private readonly buttons = el("div", { class: "mapbuttons" });
  /** Somebody has gone somewhere: the map then moves by itself no more. */
  private moved = false;
  /** Takes the places that are clicked, while somebody points at one. */
  private pointing: ((place: Position) => void) | null = null;
  private before: { center: LngLat; zoom: number } | null = null;

  constructor(
    root: HTMLElement,
    private board: Board,
    private readonly pick: (picked: Picked) => void,
    private readonly covered: () => number,
  ) {
    setWorkerUrl(new URL(workerUrl, location.href).href);
    const canvas = el("div", { class: "canvas" });
    replace(root, canvas, this.buttons, this.legend.root, this.note.root);
    const palette = paletteOf(themeNow());
    this.map = new MapLibre({
      container: canvas,
      style: mapStyle(location.origin, palette),
      maxBounds: REACH,
      minZoom: 5,
      maxZoom: 17,
      renderWorldCopies: false,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      // At 0 all symbols are placed anew in each frame, at once; so it is a part of them in each.
      fadeDuration: FADE_MS,
    });
    keepSharp(this.map, canvas);
    this.feeder = new Feeder(this.map, board);
    this.symbols = new Symbols(this.map, palette);
    this.marks = new Marks(this.map);
    this.map.touchZoomRotate.disableRotation();
    this.addScale();
    this.map.fitBounds(HOME, { padding: MARGIN_PX, animate: false });
    this.listen();
    this.render();
  }

  /** Draws the texts of the map in the present language. */
  render(): void {
    this.map.getCanvas().setAttribute("aria-label", t("map.label"));
    this.legend.render(this.warm);
    const button = (key: Key, sign: string, act: () => void, goes = true) =>
      el(
        "button",
        {
          class: sign.length > 1 ? "named" : "",
          attributes: { type: "button", "aria-label": t(key), title: t(key) },
          on: {
            click: () => {
              if (goes) this.moved = true;
              act();
            },
          },
        },
        sign,
      );
    replace(
      this.buttons,
      button("map.zoomin", "+", () => this.map.zoomIn()),
      button("map.zoomout", "−", () => this.map.zoomOut()),
      button("map.home", "⌂", () => this.fit(HOME)),
      button("map.hoangsa", "Hoàng Sa", () => this.fit(HOANG_SA)),
      this.heatButton(button("map.heat", t("map.heat"), () => this.toggleHeat(), false)),
    );
    if (this.ready) this.tellDropped();
    this.changed("incidents");
  }

  private tellDropped(): void {
    const number: ExpressionSpecification = ["to-string", ["get", "n_dropped"]];
    const tell = (layer: string, words: Key) =>
      this.map.setLayoutProperty(layer, "text-field", ["concat", "+", number, ` ${t(words)}`]);
    tell("incident-dropped-tiles", "map.dropped.incidents");
    tell("device-dropped-tiles", "map.dropped.devices");
  }

  /** Incidents are drawn with the next picture, and what made room for them; the rest within half a second. */
  changed(source: LiveSource): void {
    const few = !this.feeder.crowded && this.board.complete;
    if (source === "incidents" && few) this.feed();
    else
      this.timer ??= setTimeout(
        () => {
          this.timer = null;
          this.feed();
        },
        source === "incidents" && this.board.complete ? CROWDED_MS : CALM_MS,
      );
  }

  /** Rings an incident, at its true place, and outlines its area. */
  choose(id: string, areaCode = ""): void {
    this.feeder.chosen = id;
    this.areaCode = areaCode;
    if (!this.ready) return;
    this.feed();
    this.map.setFilter("incident-chosen", ["==", ["get", "id"], id]);
    this.map.setFilter("area-chosen", ["==", ["get", "code"], areaCode]);
  }

  /** Shows another board in place of the present one: of another time, for instance. The present one comes back the same way. */
  show(board: Board): void {
    this.board = board;
    if (this.ready) this.feeder.show(board);
  }

  /** Draws the areas of a day, `YYYY-MM-DD`; null: those of today. */
  setDay(day: string | null): void {
    const query = day === null ? "" : `?datetime=${encodeURIComponent(day)}`;
    const set = () =>
      this.map.getSource<VectorTileSource>("areas")?.setTiles([tilesOf(location.origin, "areas", query)]);
    if (this.ready) set();
    else this.map.once("load", set);
  }

  /** Draws what these cameras see strongly and numbers them 1 to 9 in this order; none ends that. */
  showCameras(codes: readonly string[]): void {
    this.shownCameras = codes;
    if (this.ready) this.marks.cameras(codes, this.board);
  }

  /** Shows where open incidents are dense, weighted by severity, or each of them again. */
  toggleHeat(): void {
    this.warm = !this.warm;
    if (this.ready) this.feeder.heat = this.warm;
    this.render();
  }

  /** Draws everything in the colours of the page's theme, which has changed. */
  restyle(): void {
    if (!this.ready) return;
    const palette = paletteOf(themeNow());
    for (const layer of mapStyle(location.origin, palette).layers)
      for (const [name, value] of Object.entries(layer.paint ?? {}))
        this.map.setPaintProperty(layer.id, name as "line-color", value);
    this.symbols.draw(palette);
    this.legend.render(this.warm);
  }

  /** Shows what the reader's centre has on the map, unless somebody was quicker. */
  openOnScope(): void {
    const box = scopeOf(this.board);
    if (this.moved || !box) return;
    const padding = marginOf(this.map.getContainer().clientWidth);
    this.map.fitBounds(box, { padding, maxZoom: SCOPE_ZOOM, animate: false });
  }

  /** Brings a place into the part of the map that the panel leaves free, without zooming out. */
  fly(position: Position): void {
    this.moved = true;
    this.map.easeTo({
      center: [position[0], position[1]],
      zoom: Math.max(this.map.getZoom(), 10),
      offset: [-this.hidden() / 2, 0],
      duration: 700,
    });
  }

  /** Where the map is: its middle and its zoom. */
  get view(): { centre: [number, number]; zoom: number } {
    const { lng, lat } = this.map.getCenter();
    return { centre: [round(lng), round(lat)], zoom: Math.round(this.map.getZoom() * 100) / 100 };
  }

  /**
   * Goes to a view within so many milliseconds; at once for 0, and for who wants less motion.
   *
   * @param free its middle is that of the part which the panel leaves free
   */
  go(view: { centre: readonly [number, number]; zoom: number }, within = 0, free = false): void {
    this.moved = true;
    this.before = null;
    const { centre, zoom } = view;
    const offset: [number, number] = [free ? -this.hidden() / 2 : 0, 0];
    this.map.easeTo({ center: [centre[0], centre[1]], zoom, duration: within, offset });
  }

  get heat(): boolean {
    return this.warm;
  }

  /** The part of the page for the map has another size. */
  resize(): void {
    this.map.resize();
  }

  /** Draws the map larger by a factor than on a desk; null: as it is for the width of the screen (styles/map.css). */
  enlarge(factor: number | null): void {
    const { style } = this.map.getContainer();
    const written = factor === null ? "" : String(factor);
    if (style.getPropertyValue(SCALE) === written) return;
    style.setProperty(SCALE, written);
    this.map.resize();
  }

  zoomBy(steps: number): void {
    this.moved = true;
    this.map.zoomTo(this.map.getZoom() + steps);
  }

  /** Shows the whole province. */
  goHome(): void {
    this.moved = true;
    this.fit(HOME);
  }

  /** The next clicks are places; null: they open things again. */
  point(take: ((place: Position) => void) | null): void {
    this.pointing = take;
    this.map.getCanvas().style.cursor = take ? "crosshair" : "";
  }

  /** Lettered marks in place of those before. */
  mark(list: MapMark[]): void {
    this.marks.show(list);
  }

  /** Keeps the view of before a detail was opened, unless one is kept already. */
  remember(): void {
    this.before ??= { center: this.map.getCenter(), zoom: this.map.getZoom() };
  }

  /** Goes back to the kept view; who has moved the map by hand stays where they are. */
  giveBack(): void {
    if (this.before) this.map.easeTo({ ...this.before, duration: 700 });
    this.before = null;
  }

  /** How much of the map the panel covers, in pixels of the map, which are larger than the page's on a wall. */
  private hidden(): number {
    return this.covered() / scaleOf(this.map.getContainer());
  }

  private fit(bounds: Corners): void {
    this.before = null;
    const padding = { top: MARGIN_PX, bottom: MARGIN_PX, left: MARGIN_PX, right: MARGIN_PX + this.hidden() };
    this.map.fitBounds(bounds, { padding, duration: 700 });
  }

  /** Brought up to date when the map rests: in each frame it makes the browser lay the page out anew. */
  private addScale(): void {
    const scale = new ScaleControl({ unit: "metric", maxWidth: 140 });
    this.map.addControl(scale, "bottom-right");
    this.map.off("move", scale._onMove);
    this.map.on("moveend", scale._onMove);
  }

  private heatButton(button: HTMLButtonElement): HTMLButtonElement {
    button.setAttribute("aria-pressed", String(this.warm));
    button.dataset.testid = "heat";
    return button;
  }

  private feed(): void {
    if (this.ready) this.feeder.feed();
  }

  private listen(): void {
    const { map } = this;
    const tell = (state: string) => {
      document.body.dataset.map = state;
    };
    map.on("load", () => {
      this.symbols.draw();
      this.ready = true;
      this.tellDropped();
      this.choose(this.feeder.chosen, this.areaCode);
      this.feeder.show(this.board);
      if (this.warm) this.feeder.heat = true;
      this.showCameras(this.shownCameras);
    });
    map.on("idle", () => {
      if (this.ready) this.feeder.settle();
      tell("idle");
    });
    map.on("zoomend", () => this.feed());
    map.on("resize", () => this.feed());
    map.on("move", () => this.feeder.moving());
    map.on("moveend", () => this.feeder.rested());
    map.on("movestart", (event) => {
      tell("moving");
      this.note.hide();
      if (!event.originalEvent) return;
      this.moved = true;
      this.before = null;
    });
    map.on("error", (event) => {
      if ("status" in event.error && event.error.status === 401) toSignIn();
    });
    map.on("click", (event) => this.clicked(event));
    map.on("mousemove", (event) => {
      this.hovering ??= requestAnimationFrame(() => {
        this.hovering = null;
        this.hover(event);
      });
    });
    map.on("mouseout", () => this.note.hide());
  }

  private clicked(event: MapMouseEvent): void {
    if (this.pointing) {
      this.pointing([round(event.lngLat.lng), round(event.lngLat.lat)]);
      return;
    }
    const hit = this.ready ? hitAt(this.map, event) : null;
    if (!hit) return;
    if ("picked" in hit) this.pick(hit.picked);
    else {
      this.moved = true;
      this.map.easeTo({ center: [hit.at[0], hit.at[1]], zoom: this.map.getZoom() + OPENS_BY, duration: 500 });
    }
  }

  /** A map that is being dragged has nothing under the pointer. */
  private hover(event: MapMouseEvent): void {
    if (!this.ready || this.map.isMoving()) return;
    const hit = this.pointing ? null : hitAt(this.map, event);
    this.map.getCanvas().style.cursor = this.pointing ? "crosshair" : hit ? "pointer" : "";
    if (hit && "group" in hit) this.note.show(hit.group, event.point.mult(scaleOf(this.map.getContainer())));
    else this.note.hide();
  }
}
