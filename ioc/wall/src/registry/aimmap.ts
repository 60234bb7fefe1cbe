import "maplibre-gl/dist/maplibre-gl.css";
import {
  type GeoJSONSource,
  Map as MapLibre,
  Marker,
  ScaleControl,
  type StyleSpecification,
  setWorkerUrl,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { button } from "../desk/parts";
import { el, replace } from "../dom";
import { t } from "../i18n/language";
import { fontFaces } from "../map/fonts";
import { ground, names } from "../map/ground";
import { keepSharp } from "../map/larger";
import { paletteOf, themeNow } from "../map/palette";
import { boxOf } from "../map/scope";
import { EMPTY, groundSources } from "../map/style";
import type { Position } from "../model";
import { bearingOf, openedTo, turned } from "./aim";

const NEAR_ZOOM = 17.5;
const NEAREST_ZOOM = 20;
/** How far the handles are from the camera, in pixels. */
const HANDLE_PX = 90;
const STEP_PX = 1;
const LEAP_PX = 10;

export interface Aimed {
  place: Position | null;
  marks: ReadonlyArray<Position | null>;
  active: number;
  bearing: number | null;
  fov: number | null;
  ring: readonly Position[];
}

export interface Aiming {
  clicked(place: Position): void;
  moved(mark: number, place: Position): void;
  turned(bearing: number): void;
  opened(fov: number): void;
}

const round = (degrees: number) => Math.round(degrees * 1e7) / 1e7;

function styleOf(origin: string): StyleSpecification {
  const palette = paletteOf(themeNow());
  return {
    version: 8,
    "font-faces": fontFaces(origin),
    sources: { ...groundSources(origin), ring: { type: "geojson", data: EMPTY } },
    layers: [
      ...ground(palette),
      ...names(palette),
      {
        id: "ring",
        type: "fill",
        source: "ring",
        paint: { "fill-color": palette.viewShown, "fill-opacity": 0.22 },
      },
      {
        id: "ring-edge",
        type: "line",
        source: "ring",
        paint: { "line-color": palette.viewShown, "line-width": 2 },
      },
    ],
    transition: { duration: 0, delay: 0 },
  };
}

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The map of a calibration: marks on the ground that are dragged, and two handles for where the camera looks. */
export class AimMap {
  private readonly map: MapLibre;
  private marks: Marker[] = [];
  private camera: Marker | null = null;
  private turning: Marker | null = null;
  private opening: Marker | null = null;
  private dragged: Marker | null = null;
  private shown: Aimed = { place: null, marks: [], active: 0, bearing: null, fov: null, ring: [] };
  private ready = false;

  constructor(
    private readonly canvas: HTMLElement,
    private readonly aiming: Aiming,
  ) {
    setWorkerUrl(new URL(workerUrl, location.href).href);
    this.map = new MapLibre({
      container: canvas,
      style: styleOf(location.origin),
      minZoom: 5,
      maxZoom: 21,
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
    this.map.getCanvas().setAttribute("aria-label", t("aim.map"));
    this.map.getCanvas().style.cursor = "crosshair";
    this.map.on("load", () => {
      this.ready = true;
      this.drawRing();
    });
    this.map.on("idle", () => {
      canvas.dataset.aimmap = "idle";
    });
    this.map.on("move", () => this.drawHandles());
    this.map.on("click", ({ lngLat: { lng, lat } }) => this.aiming.clicked([round(lng), round(lat)]));
  }

  /** Shows what is known before the first mark is made. */
  begin(places: readonly Position[]): void {
    const box = boxOf([...places]);
    const maxZoom = places.length > 1 ? NEAREST_ZOOM : NEAR_ZOOM;
    if (box) this.map.fitBounds(box, { padding: 90, maxZoom, animate: false });
  }

  middle(): Position {
    const { lng, lat } = this.map.getCenter();
    return [round(lng), round(lat)];
  }

  zoomBy(steps: number): void {
    this.map.zoomTo(this.map.getZoom() + steps, { duration: 0 });
  }

  show(shown: Aimed): void {
    this.shown = shown;
    this.drawMarks();
    this.drawCamera();
    this.drawHandles();
    this.drawRing();
  }

  close(): void {
    this.map.remove();
  }

  private drawRing(): void {
    const { ring } = this.shown;
    if (!this.ready) return;
    this.map.getSource<GeoJSONSource>("ring")?.setData(
      ring.length < 4
        ? EMPTY
        : {
            type: "Feature",
            properties: {},
            geometry: { type: "Polygon", coordinates: [ring.map(([lon, lat]) => [lon, lat])] },
          },
    );
  }

  private drawMarks(): void {
    const { marks, active } = this.shown;
    while (this.marks.length > marks.length) this.marks.pop()?.remove();
    for (const [at, place] of marks.entries()) {
      const marker = this.marks[at] ?? this.markAt(at);
      this.marks[at] = marker;
      const element = marker.getElement();
      if (!place) {
        marker.remove();
        continue;
      }
      if (marker !== this.dragged) marker.setLngLat([place[0], place[1]]);
      marker.addTo(this.map);
      element.toggleAttribute("data-active", at === active);
    }
  }

  private markAt(at: number): Marker {
    const words = t("aim.ground.mark", { number: at + 1 });
    const made = button(String(at + 1), () => undefined, { kind: "aimmark", testid: `ground-${at + 1}` });
    made.setAttribute("aria-label", words);
    made.title = words;
    return this.draggable(made, (place) => this.aiming.moved(at, place), true);
  }

  /** A marker that is dragged, or moved by the arrow keys, a pixel at a time and ten with Shift. */
  private draggable(element: HTMLElement, moved: (place: Position) => void, byKeys: boolean): Marker {
    const marker = new Marker({ element, draggable: true, anchor: "center" });
    const take = () => {
      const { lng, lat } = marker.getLngLat();
      moved([round(lng), round(lat)]);
    };
    marker.on("dragstart", () => {
      this.dragged = marker;
    });
    marker.on("drag", take);
    marker.on("dragend", () => {
      this.dragged = null;
      take();
    });
    element.addEventListener("click", (event) => event.stopPropagation());
    if (byKeys)
      element.addEventListener("keydown", (event) => {
        const step = ARROWS[event.key];
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        const far = event.shiftKey ? LEAP_PX : STEP_PX;
        const at = this.map.project(marker.getLngLat());
        marker.setLngLat(this.map.unproject([at.x + step[0] * far, at.y + step[1] * far]));
        take();
      });
    return marker;
  }

  private drawCamera(): void {
    const { place } = this.shown;
    if (!place) return;
    this.camera ??= new Marker({
      element: el("span", { class: "aimcamera", attributes: { title: t("aim.camera") } }),
    });
    this.camera.setLngLat([place[0], place[1]]).addTo(this.map);
  }

  private drawHandles(): void {
    const { place, bearing, fov } = this.shown;
    if (!place || bearing === null) {
      this.turning?.remove();
      this.opening?.remove();
      return;
    }
    this.turning ??= this.handle("aim.turn", "turn", (at) => this.aiming.turned(bearingOf(place, at)));
    this.put(this.turning, place, bearing, 360);
    if (fov === null) {
      this.opening?.remove();
      return;
    }
    this.opening ??= this.handle("aim.open", "open", (at) =>
      this.aiming.opened(openedTo(this.shown.bearing ?? 0, bearingOf(place, at))),
    );
    this.put(this.opening, place, turned(bearing + fov / 2), 360, fov);
  }

  private handle(
    named: "aim.turn" | "aim.open",
    about: "turn" | "open",
    moved: (at: Position) => void,
  ): Marker {
    const element = el("span", {
      class: "aimhandle",
      attributes: {
        role: "slider",
        tabindex: "0",
        "aria-label": t(named),
        title: t(named),
        "aria-valuemin": about === "turn" ? "0" : "1",
        "aria-valuemax": "360",
      },
      data: { testid: `handle-${about}` },
    });
    element.addEventListener("keydown", (event) => {
      const step = ARROWS[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const by = (step[0] || -step[1]) * (event.shiftKey ? LEAP_PX : 1);
      const { bearing, fov } = this.shown;
      if (about === "turn") this.aiming.turned(turned((bearing ?? 0) + by));
      else this.aiming.opened(Math.min(360, Math.max(1, (fov ?? 60) + by)));
    });
    const marker = this.draggable(element, moved, false);
    replace(element, about === "turn" ? "▲" : "◆");
    return marker;
  }

  /** A handle in its direction from the camera; one that is being dragged stays under the finger. */
  private put(marker: Marker, place: Position, bearing: number, most: number, value = bearing): void {
    marker.getElement().setAttribute("aria-valuenow", String(Math.min(most, value)));
    if (marker === this.dragged) return;
    const from = this.map.project([place[0], place[1]]);
    const angle = (bearing * Math.PI) / 180;
    const far = this.canvas.clientWidth < 500 ? HANDLE_PX * 0.7 : HANDLE_PX;
    marker
      .setLngLat(this.map.unproject([from.x + far * Math.sin(angle), from.y - far * Math.cos(angle)]))
      .addTo(this.map);
    if (marker === this.turning) marker.setRotation(bearing);
  }
}
