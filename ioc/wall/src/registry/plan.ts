import "maplibre-gl/dist/maplibre-gl.css";
import {
  type GeoJSONSource,
  type LayerSpecification,
  Map as MapLibre,
  Marker,
  ScaleControl,
  type StyleSpecification,
  setWorkerUrl,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { toSignIn } from "../api";
import { el } from "../dom";
import { t } from "../i18n/language";
import { fontFaces, REGULAR } from "../map/fonts";
import { ground, names } from "../map/ground";
import { keepSharp } from "../map/larger";
import { type Palette, paletteOf, themeNow } from "../map/palette";
import { boxOf, type Corners } from "../map/scope";
import { EMPTY, groundSources } from "../map/style";
import type { Position } from "../model";
import type { Spot } from "./desk";
import { isTroubled, type Thing } from "./thing";

const HOME: Corners = [
  [107.2, 14.9],
  [108.75, 16.15],
];
const REACH: Corners = [
  [103, 7],
  [117, 24],
];
const MARGIN_PX = 50;
/** One thing alone is shown with what lies around it. */
const SCOPE_ZOOM = 13;
const NEAR_ZOOM = 14;
const TOUCH_PX = 14;
const LAYER = "things";

/** A degree with six decimals is about a tenth of a metre. */
const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6;

function layers(colour: Palette): LayerSpecification[] {
  return [
    {
      id: "ring",
      type: "fill",
      source: "ring",
      paint: { "fill-color": colour.viewShown, "fill-opacity": 0.25 },
    },
    {
      id: "ring-edge",
      type: "line",
      source: "ring",
      paint: { "line-color": colour.viewShown, "line-width": 2 },
    },
    {
      id: "chosen",
      type: "circle",
      source: LAYER,
      filter: ["==", ["get", "code"], ""],
      paint: {
        "circle-radius": 13,
        "circle-opacity": 0,
        "circle-stroke-color": colour.ring,
        "circle-stroke-width": 2.5,
      },
    },
    {
      id: LAYER,
      type: "circle",
      source: LAYER,
      layout: { "circle-sort-key": ["case", ["get", "bad"], 1, 0] },
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 7, 4.5, 13, 8],
        "circle-color": ["case", ["get", "bad"], colour.trouble, ["get", "used"], colour.calm, colour.halo],
        "circle-stroke-color": ["case", ["get", "used"], colour.halo, colour.calm],
        "circle-stroke-width": 1.5,
      },
    },
    {
      id: "thing-names",
      type: "symbol",
      source: LAYER,
      minzoom: 11,
      layout: {
        "text-field": ["get", "name"],
        "text-font": REGULAR,
        "text-size": 13,
        "text-anchor": "top",
        "text-offset": [0, 0.9],
        "text-max-width": 9,
      },
      paint: { "text-color": colour.text, "text-halo-color": colour.halo, "text-halo-width": 1.4 },
    },
  ];
}

function style(origin: string, palette: Palette): StyleSpecification {
  return {
    version: 8,
    "font-faces": fontFaces(origin),
    sources: {
      ...groundSources(origin),
      ring: { type: "geojson", data: EMPTY },
      [LAYER]: { type: "geojson", data: EMPTY },
    },
    layers: [...ground(palette), ...names(palette), ...layers(palette)],
    transition: { duration: 0, delay: 0 },
  };
}

/** The map beside the list: where the listed things stand, and where something is being placed. */
export class Plan {
  private readonly map: MapLibre;
  private pinned: Marker | null = null;
  private spots: Marker[] = [];
  private pointing: ((place: Position) => void) | null = null;
  private ready = false;
  private things: readonly Thing[] = [];
  private chosen = "";
  private ring: readonly Position[] = [];
  private moved = false;

  constructor(
    private readonly canvas: HTMLElement,
    private readonly pick: (code: string) => void,
  ) {
    setWorkerUrl(new URL(workerUrl, location.href).href);
    this.map = new MapLibre({
      container: canvas,
      style: style(location.origin, paletteOf(themeNow())),
      maxBounds: REACH,
      minZoom: 5,
      maxZoom: 19,
      renderWorldCopies: false,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
    });
    keepSharp(this.map, canvas);
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new ScaleControl({ unit: "metric", maxWidth: 120 }), "bottom-right");
    this.map.fitBounds(HOME, { padding: 10, animate: false });
    this.listen();
    this.label();
  }

  label(): void {
    this.map.getCanvas().setAttribute("aria-label", t("register.map"));
  }

  show(things: readonly Thing[], chosen: string): void {
    const other = things !== this.things;
    this.things = things;
    this.chosen = chosen;
    if (!this.ready) return;
    if (other) this.source(LAYER)?.setData({ type: "FeatureCollection", features: things.flatMap(pointOf) });
    this.map.setFilter("chosen", ["==", ["get", "code"], chosen]);
    if (other && !this.moved && chosen === "") this.fit();
  }

  /** Shows all that is listed. */
  fit(): void {
    const box = boxOf(this.things.flatMap(({ position }) => (position ? [position] : [])));
    this.map.fitBounds(box ?? HOME, { padding: MARGIN_PX, maxZoom: SCOPE_ZOOM, animate: false });
  }

  go([lon, lat]: Position): void {
    this.moved = true;
    const zoom = Math.max(this.map.getZoom(), NEAR_ZOOM);
    this.map.easeTo({ center: [lon, lat], zoom, duration: 400 });
  }

  zoomBy(steps: number): void {
    this.moved = true;
    this.map.zoomTo(this.map.getZoom() + steps);
  }

  middle(): Position {
    const { lng, lat } = this.map.getCenter();
    return [round(lng), round(lat)];
  }

  point(take: ((place: Position) => void) | null): void {
    this.pointing = take;
    this.canvas.classList.toggle("pointing", take !== null);
    this.map.getCanvas().style.cursor = take ? "crosshair" : "";
  }

  pin(place: Position | null): void {
    if (!place) {
      this.pinned?.remove();
      this.pinned = null;
      return;
    }
    const [lon, lat] = place;
    this.pinned ??= new Marker({
      // The library turns and moves the outer element by a transform of its own.
      element: el("span", { data: { testid: "pin" } }, el("span", { class: "pin" })),
      anchor: "bottom",
    })
      .setLngLat([lon, lat])
      .addTo(this.map);
    this.pinned.setLngLat([lon, lat]);
  }

  draw(ring: readonly Position[], spots: readonly Spot[] = []): void {
    this.ring = ring;
    for (const spot of this.spots) spot.remove();
    this.spots = spots.map(({ sign, position: [lon, lat], label }) =>
      new Marker({
        element: el("span", { class: "spot", attributes: { title: label } }, sign),
        anchor: "bottom",
      })
        .setLngLat([lon, lat])
        .addTo(this.map),
    );
    if (!this.ready) return;
    const area = {
      type: "Feature" as const,
      properties: {},
      geometry: { type: "Polygon" as const, coordinates: [ring.map(([lon, lat]) => [lon, lat])] },
    };
    this.source("ring")?.setData({ type: "FeatureCollection", features: ring.length > 3 ? [area] : [] });
  }

  resize(): void {
    this.map.resize();
  }

  restyle(): void {
    if (!this.ready) return;
    for (const layer of style(location.origin, paletteOf(themeNow())).layers)
      for (const [name, value] of Object.entries(layer.paint ?? {}))
        this.map.setPaintProperty(layer.id, name as "line-color", value);
  }

  private source(name: string): GeoJSONSource | undefined {
    return this.map.getSource<GeoJSONSource>(name);
  }

  private listen(): void {
    const { map } = this;
    map.on("load", () => {
      this.ready = true;
      const { things, chosen } = this;
      this.things = [];
      this.show(things, chosen);
      this.draw(this.ring);
    });
    map.on("idle", () => {
      document.body.dataset.map = "idle";
    });
    map.on("movestart", (event) => {
      document.body.dataset.map = "moving";
      if (event.originalEvent) this.moved = true;
    });
    map.on("error", (event) => {
      if ("status" in event.error && event.error.status === 401) toSignIn();
    });
    map.on("click", (event) => {
      if (this.pointing) {
        this.pointing([round(event.lngLat.lng), round(event.lngLat.lat)]);
        return;
      }
      const code = this.ready ? this.under(event.point) : null;
      if (code !== null) this.pick(code);
    });
    map.on("mousemove", (event) => {
      if (this.pointing || !this.ready || map.isMoving()) return;
      map.getCanvas().style.cursor = this.under(event.point) === null ? "" : "pointer";
    });
  }

  private under({ x, y }: { x: number; y: number }): string | null {
    const found = this.map.queryRenderedFeatures(
      [
        [x - TOUCH_PX, y - TOUCH_PX],
        [x + TOUCH_PX, y + TOUCH_PX],
      ],
      { layers: [LAYER] },
    );
    const code = found[0]?.properties.code;
    return typeof code === "string" ? code : null;
  }
}

function pointOf(thing: Thing) {
  if (!thing.position) return [];
  const [lon, lat] = thing.position;
  return [
    {
      type: "Feature" as const,
      geometry: { type: "Point" as const, coordinates: [lon, lat] },
      properties: {
        code: thing.code,
        name: thing.name,
        bad: isTroubled(thing),
        used: thing.lifecycle === "active",
      },
    },
  ];
}
