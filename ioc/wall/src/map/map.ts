import "maplibre-gl/dist/maplibre-gl.css";
import type { FeatureCollection } from "geojson";
import {
  type GeoJSONSource,
  type LngLat,
  Map as MapLibre,
  type MapMouseEvent,
  Marker,
  ScaleControl,
  setWorkerUrl,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { toSignIn } from "../api";
import type { Board } from "../board";
import { el, replace } from "../dom";
import type { MapMark } from "../host";
import { type Key, t } from "../i18n/language";
import type { Position } from "../model";
import { SEVERITY_COLOUR } from "../shapes";
import { arrange, features, type Screen } from "./features";
import { Legend } from "./legend";
import { type Corners, scopeOf } from "./scope";
import { ICON_SIZE, LIVE_SOURCES, type LiveSource, mapStyle } from "./style";
import { addSymbols } from "./symbols";

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
const TOUCH_PX = 9;
const MARGIN_PX = 24;
/** Around the places of a scope: room for their symbols, for names and values to the right, for buttons to the left. */
const SCOPE_MARGIN_PX = { top: 70, bottom: 70, left: 130, right: 210 };
/** A centre with one station is still shown with what lies around it. */
const SCOPE_ZOOM = 12;

export interface Picked {
  layer: "incident" | "device" | "camera";
  id: string;
}

const LAYER_OF: Record<string, Picked["layer"]> = {
  incidents: "incident",
  devices: "device",
  cameras: "camera",
};

/** A degree with five decimals is about a metre. */
const round = (degrees: number) => Math.round(degrees * 1e5) / 1e5;

/** The map: ground from the server's files, areas from its tiles, the rest from the live stream. */
export class WallMap {
  private readonly map: MapLibre;
  private ready = false;
  private readonly laid = new Map<string, string>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly legend = new Legend();
  private readonly buttons = el("div", { class: "mapbuttons" });
  private chosen = "";
  /** Somebody has gone somewhere: the map then moves by itself no more. */
  private moved = false;
  /** Takes the places that are clicked, while somebody points at one. */
  private pointing: ((place: Position) => void) | null = null;
  private marks: Marker[] = [];
  private before: { center: LngLat; zoom: number } | null = null;

  constructor(
    root: HTMLElement,
    private readonly board: Board,
    private readonly pick: (picked: Picked) => void,
    private readonly covered: () => number,
  ) {
    setWorkerUrl(new URL(workerUrl, location.href).href);
    const canvas = el("div", { class: "canvas" });
    replace(root, canvas, this.buttons, this.legend.root);
    this.map = new MapLibre({
      container: canvas,
      style: mapStyle(location.origin),
      maxBounds: REACH,
      minZoom: 5,
      maxZoom: 17,
      renderWorldCopies: false,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new ScaleControl({ unit: "metric", maxWidth: 140 }), "bottom-right");
    this.map.fitBounds(HOME, { padding: MARGIN_PX, animate: false });
    this.listen();
    this.render();
  }

  /** Draws the texts of the map in the present language. */
  render(): void {
    this.map.getCanvas().setAttribute("aria-label", t("map.label"));
    this.legend.render();
    const button = (key: Key, sign: string, act: () => void) =>
      el(
        "button",
        {
          class: sign.length > 1 ? "named" : "",
          attributes: { type: "button", "aria-label": t(key), title: t(key) },
          on: {
            click: () => {
              this.moved = true;
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
    );
    this.changed("incidents");
  }

  /** Incidents are drawn with the next picture, and what made room for them; the rest within half a second. */
  changed(source: LiveSource): void {
    if (source === "incidents") this.feed();
    else
      this.timer ??= setTimeout(() => {
        this.timer = null;
        this.feed();
      }, CALM_MS);
  }

  /** Rings an incident, at its true place, and outlines its area. */
  choose(id: string, areaCode = ""): void {
    this.chosen = id;
    if (!this.ready) return;
    this.feed();
    this.map.setFilter("incident-chosen", ["==", ["get", "id"], id]);
    this.map.setFilter("area-chosen", ["==", ["get", "code"], areaCode]);
  }

  /** Shows what the reader's centre has on the map, unless somebody was quicker. */
  openOnScope(): void {
    const box = scopeOf(this.board);
    if (this.moved || !box) return;
    this.map.fitBounds(box, { padding: SCOPE_MARGIN_PX, maxZoom: SCOPE_ZOOM, animate: false });
  }

  /** Brings a place into the part of the map that the panel leaves free, without zooming out. */
  fly(position: Position): void {
    this.moved = true;
    this.map.easeTo({
      center: [position[0], position[1]],
      zoom: Math.max(this.map.getZoom(), 10),
      offset: [-this.covered() / 2, 0],
      duration: 700,
    });
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
    for (const mark of this.marks) mark.remove();
    this.marks = list.map(({ letter, position, severity, label }) => {
      const element = el(
        "span",
        { class: `mapmark ${severity ?? "own"}`, attributes: { title: label } },
        letter,
      );
      if (severity) element.style.borderColor = SEVERITY_COLOUR[severity];
      return new Marker({ element, anchor: "bottom" }).setLngLat([position[0], position[1]]).addTo(this.map);
    });
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

  private fit(bounds: Corners): void {
    this.before = null;
    const padding = { top: MARGIN_PX, bottom: MARGIN_PX, left: MARGIN_PX, right: MARGIN_PX + this.covered() };
    this.map.fitBounds(bounds, { padding, duration: 700 });
  }

  private feed(): void {
    if (!this.ready) return;
    const arrangement = arrange(this.board, this.screen(), this.chosen);
    this.lay("leads", arrangement.leads);
    for (const source of LIVE_SOURCES)
      this.lay(source, features(this.board, source, arrangement, this.chosen));
  }

  /** Most changes, a repeat for instance, look the same on the map: it then has nothing to draw. */
  private lay(source: string, data: FeatureCollection): void {
    const written = JSON.stringify(data);
    if (this.laid.get(source) === written) return;
    this.laid.set(source, written);
    void this.map.getSource<GeoJSONSource>(source)?.setData(data);
  }

  private screen(): Screen {
    const { map } = this;
    const part = Math.max(0, Math.min(1, (map.getZoom() - 7) / 5));
    return {
      project: ([lon, lat]) => map.project([lon, lat]),
      unproject: ({ x, y }) => {
        const { lng, lat } = map.unproject([x, y]);
        return [lng, lat];
      },
      sizeOf: (source) => {
        const [small, large] = ICON_SIZE[source];
        return small + (large - small) * part;
      },
    };
  }

  private listen(): void {
    const { map } = this;
    const tell = (state: string) => {
      document.body.dataset.map = state;
    };
    map.on("load", () => {
      addSymbols(map);
      this.ready = true;
      this.choose(this.chosen);
    });
    map.on("idle", () => tell("idle"));
    map.on("zoomend", () => this.feed());
    map.on("resize", () => this.feed());
    map.on("movestart", (event) => {
      tell("moving");
      if (!event.originalEvent) return;
      this.moved = true;
      this.before = null;
    });
    map.on("error", (event) => {
      if ("status" in event.error && event.error.status === 401) toSignIn();
    });
    map.on("click", (event) => {
      if (this.pointing) {
        this.pointing([round(event.lngLat.lng), round(event.lngLat.lat)]);
        return;
      }
      const picked = this.at(event);
      if (picked) this.pick(picked);
    });
    map.on("mousemove", (event) => {
      const over = this.pointing ? "crosshair" : this.at(event) ? "pointer" : "";
      map.getCanvas().style.cursor = over;
    });
  }

  /** What is drawn at the pointer; incidents lie on top. */
  private at(event: MapMouseEvent): Picked | null {
    if (!this.ready) return null;
    const { x, y } = event.point;
    const found = this.map.queryRenderedFeatures(
      [
        [x - TOUCH_PX, y - TOUCH_PX],
        [x + TOUCH_PX, y + TOUCH_PX],
      ],
      { layers: Object.keys(LAYER_OF) },
    );
    const feature = found[0];
    const layer = feature && LAYER_OF[feature.layer.id];
    const id = feature?.properties.id;
    return layer && typeof id === "string" ? { layer, id } : null;
  }
}
